-- Seconds since 1970 from which a character may be deleted, as far as 32 bits go; NULL: nobody wishes it. Nothing is deleted by
-- itself when the time has come.

ALTER TABLE characters
  ADD COLUMN delete_after bigint
    CONSTRAINT characters_delete_after_fits CHECK (delete_after BETWEEN 0 AND 4294967295);
