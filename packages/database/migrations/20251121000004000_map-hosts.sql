-- Which map-server hosts which map, as its char-server assigned it: so that a restart of that one moves nobody.

CREATE TABLE map_hosts (
  world text NOT NULL,
  map text NOT NULL,
  server text NOT NULL,
  PRIMARY KEY (world, map)
);
