-- Which save of the present owner is stored, by that owner's count; 0: none yet. Goes back to 0 as the fence rises. A statement
-- on a connection that was given up may still arrive after a newer one, and is known by its number.

ALTER TABLE characters
  ADD COLUMN save_number bigint NOT NULL DEFAULT 0;
