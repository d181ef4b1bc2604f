-- Chosen when a character is made, by clients that can draw it. The defaults are what the others show.

ALTER TABLE characters
  ADD COLUMN hair_style integer NOT NULL DEFAULT 1,
  ADD COLUMN hair_colour integer NOT NULL DEFAULT 0;
