-- A server that is asked whether it is ready writes to the one row of this table. After a failover, Postgres
-- may be a standby that still answers reads but accepts no writes.

CREATE TABLE write_proofs (
  id integer PRIMARY KEY CONSTRAINT write_proofs_one_row CHECK (id = 1),
  proven_at timestamptz NOT NULL
);
