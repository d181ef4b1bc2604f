-- One row, written by each server that is asked whether it is ready: a standby after a failover answers, and takes no writes.

CREATE TABLE write_proofs (
  id integer PRIMARY KEY CONSTRAINT write_proofs_one_row CHECK (id = 1),
  proven_at timestamptz NOT NULL
);
