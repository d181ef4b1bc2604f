-- The time from which the character may be deleted, in seconds since 1970, with 32 bits. NULL if no deletion
-- is reserved. The character is not deleted by itself at that time.

ALTER TABLE characters
  ADD COLUMN delete_after bigint
    CONSTRAINT characters_delete_after_fits CHECK (delete_after BETWEEN 0 AND 4294967295);
