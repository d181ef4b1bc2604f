-- What names of characters look like, where names may be of any alphabet: see `skeletonsOf`. A world in which they may has those of
-- all its characters, but of a name that looked like another before that; elsewhere there are none.

CREATE TABLE name_skeletons (
  world text NOT NULL,
  skeleton text COLLATE "C" NOT NULL,
  char_id bigint NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  PRIMARY KEY (world, skeleton)
);

CREATE INDEX name_skeletons_of_character ON name_skeletons (char_id);
