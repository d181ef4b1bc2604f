-- The keys that sign identity tokens, numbered in their order. Two servers that make a key at once pick the
-- same number, so one of them gets it, and both use that key. Servers write the times.
--
-- A private key is as the servers store it: in plain, or sealed under TOKEN_KEYS_PASSWORD. It is deleted when
-- the key has ended; the public one stays until no token of it can be valid.

CREATE TABLE token_keys (
  number integer PRIMARY KEY,
  kid text NOT NULL UNIQUE,
  public_key text NOT NULL,
  private_key text,
  made_at timestamptz NOT NULL,
  signs_until timestamptz NOT NULL,
  verifies_until timestamptz NOT NULL
);

-- Tokens of an account that were issued at this time or before it are void. A trigger writes it, so that a
-- change by SQL counts too. There is no foreign key, because tokens of a deleted account end as well.

CREATE TABLE token_revocations (
  account_id bigint PRIMARY KEY,
  before timestamptz NOT NULL
);

CREATE INDEX token_revocations_before ON token_revocations (before);

-- The clock is read while the row of the account is locked. A token is issued under the same lock, so every
-- token either comes before this time, or knows of the change.

CREATE FUNCTION revoke_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO token_revocations (account_id, before) VALUES (OLD.id, clock_timestamp())
    ON CONFLICT (account_id) DO UPDATE SET before = EXCLUDED.before;
  RETURN NULL;
END $$;

CREATE TRIGGER accounts_tokens_revoked AFTER UPDATE OF role, banned_until, stored_key ON accounts
  FOR EACH ROW WHEN (
    OLD.role IS DISTINCT FROM NEW.role
    OR OLD.banned_until IS DISTINCT FROM NEW.banned_until
    OR OLD.stored_key IS DISTINCT FROM NEW.stored_key
  ) EXECUTE FUNCTION revoke_tokens();

CREATE TRIGGER accounts_tokens_revoked_by_deletion AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION revoke_tokens();
