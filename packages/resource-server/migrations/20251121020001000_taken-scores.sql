-- The keys of the scores of games that are entries, or were. A score may come from the outbox again, because its
-- taker died before it deleted it there. Then it makes no second entry, even if a moderator has removed the
-- first one. Keys are kept longer than any score stays in the outbox.

CREATE TABLE resource.taken_scores (
  key text COLLATE "C" PRIMARY KEY,
  taken_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX taken_scores_age ON resource.taken_scores (taken_at);
