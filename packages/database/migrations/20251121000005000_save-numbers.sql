-- The number of the stored save, as the present owner counts its saves. 0 if the owner has not saved yet, so
-- it becomes 0 whenever the fence rises. An abandoned statement may still arrive after a newer one. Its lower
-- number then shows that it is old.

ALTER TABLE characters
  ADD COLUMN save_number bigint NOT NULL DEFAULT 0;
