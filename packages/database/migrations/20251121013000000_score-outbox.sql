-- Scores that games submitted, until a resource-server has taken them. A map-server draws the key of a score
-- once, so a score that is sent again changes nothing.
--
-- A resource-server takes rows that are due, and sets `due_at` a little later. If it dies, another one takes
-- them then. It deletes a row after it has stored the entry in its own database.

CREATE TABLE score_outbox (
  key text COLLATE "C" PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  account_name text,
  char_id bigint NOT NULL,
  board text NOT NULL,
  score double precision NOT NULL,
  comment text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT now(),
  due_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT score_outbox_finite CHECK (score > '-Infinity' AND score < 'Infinity')
);

CREATE INDEX score_outbox_due ON score_outbox (due_at, key);
CREATE INDEX score_outbox_age ON score_outbox (at);
CREATE INDEX score_outbox_accounts ON score_outbox (account_id);
