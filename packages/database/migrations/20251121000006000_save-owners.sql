-- The name of the server that each character was handed to, written as the fence rises; every save names it too. '': no
-- server may save the character. NULL: it was handed over before names were kept, and the fence alone decides until the
-- next save or hand-over.

ALTER TABLE characters
  ADD COLUMN lock_owner text;

-- Counts bans and their liftings, so that one that arrives late is known by its number.

ALTER TABLE accounts
  ADD COLUMN ban_number bigint NOT NULL DEFAULT 0;
