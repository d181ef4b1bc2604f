-- The tables of a resource-server. They have a schema of their own, so they can be in the database of the
-- accounts or in another one.
--
-- A user is an account that has shown a token. `identity` is the name of the account in the newest token;
-- `named_by` is when that token was issued, in seconds since 1970. Two rows may have one identity for a moment
-- if an account takes the former name of another, so it is not unique.

CREATE TABLE resource.users (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL CONSTRAINT users_of_one_account UNIQUE,
  identity text NOT NULL,
  named_by bigint NOT NULL,
  class smallint NOT NULL DEFAULT 0 CONSTRAINT users_class_known CHECK (class IN (0, 3)),
  registered_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX users_by_identity ON resource.users (lower(identity COLLATE "C"));

CREATE TABLE resource.leaderboards (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CONSTRAINT leaderboards_named_once UNIQUE,
  default_permission smallint NOT NULL
    CONSTRAINT leaderboards_permission_known CHECK (default_permission BETWEEN 0 AND 3),
  ascending boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE resource.permissions (
  leaderboard_id integer NOT NULL REFERENCES resource.leaderboards (id) ON DELETE CASCADE,
  user_id integer NOT NULL REFERENCES resource.users (id) ON DELETE CASCADE,
  permission smallint NOT NULL CONSTRAINT permissions_known CHECK (permission BETWEEN 0 AND 3),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (leaderboard_id, user_id)
);

CREATE INDEX permissions_of_user ON resource.permissions (user_id);

-- `source_key` is the key of a score that a game submitted. A score with the same key is the same score.

CREATE TABLE resource.leaderboard_entries (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  leaderboard_id integer NOT NULL REFERENCES resource.leaderboards (id) ON DELETE CASCADE,
  user_id integer NOT NULL REFERENCES resource.users (id) ON DELETE CASCADE,
  score double precision NOT NULL
    CONSTRAINT entries_score_finite CHECK (score > '-Infinity' AND score < 'Infinity'),
  submitted_at timestamptz NOT NULL DEFAULT now(),
  verified boolean NOT NULL DEFAULT false,
  verified_at timestamptz,
  verifier_id integer REFERENCES resource.users (id) ON DELETE SET NULL,
  source_key text CONSTRAINT entries_of_one_source UNIQUE
);

CREATE INDEX entries_upwards ON resource.leaderboard_entries (leaderboard_id, score, id);
CREATE INDEX entries_downwards ON resource.leaderboard_entries (leaderboard_id, score DESC, id);
CREATE INDEX entries_of_user ON resource.leaderboard_entries (user_id, id);
CREATE INDEX entries_verified_by ON resource.leaderboard_entries (verifier_id) WHERE verifier_id IS NOT NULL;
CREATE INDEX entries_unverified ON resource.leaderboard_entries (leaderboard_id, id) WHERE NOT verified;
CREATE INDEX entries_unverified_of_user ON resource.leaderboard_entries (user_id, leaderboard_id)
  WHERE NOT verified;

CREATE TABLE resource.entry_comments (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry_id integer NOT NULL REFERENCES resource.leaderboard_entries (id) ON DELETE CASCADE,
  user_id integer NOT NULL REFERENCES resource.users (id) ON DELETE CASCADE,
  written_at timestamptz NOT NULL DEFAULT now(),
  content text NOT NULL
);

CREATE INDEX comments_of_entry ON resource.entry_comments (entry_id, id);
CREATE INDEX comments_of_user ON resource.entry_comments (user_id);

CREATE TABLE resource.files (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry_id integer NOT NULL REFERENCES resource.leaderboard_entries (id) ON DELETE CASCADE,
  name text NOT NULL,
  submitted_at timestamptz NOT NULL DEFAULT now(),
  bytes integer NOT NULL,
  data bytea NOT NULL
);

-- Proofs are pictures and recordings, which are compressed already.
ALTER TABLE resource.files ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE INDEX files_of_entry ON resource.files (entry_id, id);

-- A server that is asked whether it is ready writes to the one row of this table.

CREATE TABLE resource.write_proofs (
  id integer PRIMARY KEY CONSTRAINT write_proofs_one_row CHECK (id = 1),
  proven_at timestamptz NOT NULL
);
