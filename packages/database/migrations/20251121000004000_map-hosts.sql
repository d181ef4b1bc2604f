-- Which map-server hosts which map, as the char-server assigned it. Because of this table, maps stay where
-- they are when the char-server restarts.

CREATE TABLE map_hosts (
  world text NOT NULL,
  map text NOT NULL,
  server text NOT NULL,
  PRIMARY KEY (world, map)
);
