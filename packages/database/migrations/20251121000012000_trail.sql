-- The trail: what happened to accounts, for operators. Rows are added in batches, and removed after
-- TRAIL_RETENTION_DAYS. There is no foreign key: the trail of a deleted account stays, with its id alone.
--
-- A server draws `id`, so a batch that is written again adds no second row. Ids begin with the time, so their
-- order is that of the rows.

CREATE TABLE trail (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  what text NOT NULL,
  account_id bigint,
  char_id bigint,
  address inet,
  device text,
  dialect text,
  client_version text,
  server text NOT NULL,
  by text,
  why text,
  detail jsonb
);

CREATE INDEX trail_of_account ON trail (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX trail_of_character ON trail (char_id, id) WHERE char_id IS NOT NULL;
CREATE INDEX trail_of_address ON trail (address, id) WHERE address IS NOT NULL;
CREATE INDEX trail_by_age ON trail (at);

-- Each login that reached its account, from its beginning to its end. `fence` is the account's fence that the
-- login raised. While the account is in use, `last_active_at` is at most a minute old.

CREATE TABLE sessions (
  account_id bigint NOT NULL,
  fence bigint NOT NULL,
  address inet,
  device text,
  dialect text,
  client_version text,
  connected_at timestamptz NOT NULL,
  last_active_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (account_id, fence)
);

CREATE INDEX sessions_by_age ON sessions (last_active_at);
