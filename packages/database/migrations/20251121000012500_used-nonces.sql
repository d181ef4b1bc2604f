-- The nonces of operators' requests. Servers accept a nonce for two minutes, and forget it after an hour.

CREATE TABLE used_nonces (
  nonce text PRIMARY KEY,
  used_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX used_nonces_by_age ON used_nonces (used_at);
