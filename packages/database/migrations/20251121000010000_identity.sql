-- An account has a name, an e-mail address, or both. Old names are kept as they are.
--
-- `email` is the address as its owner typed it, with its domain in lower case. `email_key` is the form that is
-- compared: see `readEmail`. It is NULL while the address must be confirmed first. Until then the address does
-- not log in, and does not keep anybody else from it.

ALTER TABLE accounts
  ALTER COLUMN name DROP NOT NULL,
  ADD COLUMN email text,
  ADD COLUMN email_key text COLLATE "C",
  ADD COLUMN email_confirmed_at timestamptz,
  ADD COLUMN credential_changed_at timestamptz,
  ADD CONSTRAINT accounts_named CHECK (name IS NOT NULL OR email IS NOT NULL),
  ADD CONSTRAINT accounts_email_typed CHECK (email_key IS NULL OR email IS NOT NULL);

CREATE UNIQUE INDEX accounts_email_unique ON accounts (email_key);

-- Codes for registration. Only their SHA-256 is stored: see `invitationHash`.

CREATE TABLE invitations (
  code_hash bytea PRIMARY KEY,
  note text NOT NULL DEFAULT '',
  uses_left integer NOT NULL DEFAULT 1 CONSTRAINT invitations_uses_counted CHECK (uses_left >= 0),
  expires_at timestamptz,
  made_by text NOT NULL DEFAULT '',
  made_at timestamptz NOT NULL DEFAULT now()
);

-- Codes that were sent by mail. Only their SHA-256 is stored.

CREATE TABLE mail_tokens (
  token_hash bytea PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  purpose text NOT NULL CONSTRAINT mail_tokens_purpose_known CHECK (purpose IN ('confirm', 'reset')),
  email text NOT NULL,
  email_key text COLLATE "C" NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE INDEX mail_tokens_of_account ON mail_tokens (account_id, purpose);

-- The addresses from which the owner of an account logged in during the last 30 days. An IPv6 address is
-- kept as its /64.

CREATE TABLE account_places (
  account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  address inet NOT NULL,
  last_login_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, address)
);

CREATE INDEX account_places_by_age ON account_places (last_login_at);
