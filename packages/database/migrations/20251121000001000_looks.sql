-- Clients that can draw hair choose these numbers when they create a character. All other clients show the
-- defaults.

ALTER TABLE characters
  ADD COLUMN hair_style integer NOT NULL DEFAULT 1,
  ADD COLUMN hair_colour integer NOT NULL DEFAULT 0;
