-- The name of the server to which the character was handed over. It is written when the fence rises, and
-- every save has to name the same server. If it is '', no server may save the character. If it is NULL, the
-- character was handed over before this column existed. Then the fence alone decides, until the next save or
-- hand-over.

ALTER TABLE characters
  ADD COLUMN lock_owner text;

-- Counts how often the ban was set or lifted. The number of a statement that arrives late shows that it is
-- old.

ALTER TABLE accounts
  ADD COLUMN ban_number bigint NOT NULL DEFAULT 0;
