-- Spaces that ever had locks in Redis: there, a space that is empty may be new, or lost.

CREATE TABLE lock_spaces (
  name text PRIMARY KEY,
  used_since timestamptz NOT NULL DEFAULT now()
);
