-- Ids fit unsigned 32 bit, which is what client protocols carry. They start where the protocols of the
-- Ragnarok family expect accounts and characters, below which those keep ids for other things.
--
-- Names are ASCII and compared ignoring case by the rules of "C": other collations lower them differently.
--
-- Rows are rewritten whenever a lock changes hands; the free space keeps the new version on the same page,
-- and then no index has to be touched.

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

-- attributes belong to the game and are handed back whole; as jsonb, operators can query them.

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

-- Secrets that all servers of a cluster must share and nobody has to configure.

CREATE TABLE cluster_secrets (
  name text PRIMARY KEY,
  value bytea NOT NULL
);
