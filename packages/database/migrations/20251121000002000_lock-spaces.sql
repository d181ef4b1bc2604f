-- The lock spaces that ever had locks in Redis. If a space is empty in Redis and listed here, its locks were
-- lost. If it is not listed, it is new.

CREATE TABLE lock_spaces (
  name text PRIMARY KEY,
  used_since timestamptz NOT NULL DEFAULT now()
);
