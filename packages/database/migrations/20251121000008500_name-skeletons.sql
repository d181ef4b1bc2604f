-- What the names of characters look like: see `skeletonsOf`. Only worlds that allow names in any alphabet
-- have rows here. If two older names look alike, only one of the two characters has the row.

CREATE TABLE name_skeletons (
  world text NOT NULL,
  skeleton text COLLATE "C" NOT NULL,
  char_id bigint NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  PRIMARY KEY (world, skeleton)
);

CREATE INDEX name_skeletons_of_character ON name_skeletons (char_id);
