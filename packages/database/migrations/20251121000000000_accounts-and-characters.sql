-- Client protocols carry unsigned 32-bit ids, so the ids fit 32 bits. The protocols of the Ragnarok family
-- use low ids for other things, so the ids of accounts and characters start where these protocols expect
-- them.
--
-- Names are ASCII. They are compared without regard to case, with the collation "C", because other collations
-- change some letters to lower case in another way.
--
-- A row is rewritten whenever its lock changes hands. The fill factor leaves free space on each page, so the
-- new version of the row fits on the same page, and no index has to be changed.

CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 2000000 MAXVALUE 4294967295) PRIMARY KEY,
  name text NOT NULL,
  sex text NOT NULL CONSTRAINT accounts_sex_known CHECK (sex IN ('female', 'male')),
  salt bytea NOT NULL,
  memory_kib integer NOT NULL,
  iterations integer NOT NULL,
  parallelism integer NOT NULL,
  stored_key bytea NOT NULL,
  server_key bytea NOT NULL,
  lock_fence bigint NOT NULL DEFAULT 0,
  banned_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz,
  previous_login_at timestamptz
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX accounts_name_unique ON accounts (lower(name COLLATE "C"));

-- `attributes` belong to the game, and are loaded and stored as a whole. They are jsonb, so that operators
-- can query them.

CREATE TABLE characters (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 150000 MAXVALUE 4294967295) PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts (id),
  world text NOT NULL,
  slot integer NOT NULL,
  name text NOT NULL,
  map text NOT NULL,
  x integer NOT NULL,
  y integer NOT NULL,
  attributes jsonb NOT NULL DEFAULT '{}',
  lock_fence bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_played_at timestamptz,
  CONSTRAINT characters_slot_unique UNIQUE (account_id, world, slot)
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX characters_name_unique ON characters (world, lower(name COLLATE "C"));

-- All servers of a cluster share these secrets. Nobody has to configure them.

CREATE TABLE cluster_secrets (
  name text PRIMARY KEY,
  value bytea NOT NULL
);
