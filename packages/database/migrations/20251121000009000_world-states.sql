-- State of the game that belongs to a whole world, such as a counter on a sign. A version never occurs twice,
-- not even after a row was deleted, so a change that was computed from an older value changes nothing.
--
-- `write_ids` has the last write of each of the 64 processes that wrote last: {"writer": [number, version]}.
-- A process that does not know the outcome of its write repeats it, and learns here that it was carried out.

CREATE SEQUENCE world_state_versions MAXVALUE 9007199254740991;

CREATE TABLE world_states (
  world text NOT NULL,
  key text COLLATE "C" NOT NULL,
  version bigint NOT NULL DEFAULT nextval('world_state_versions'),
  value jsonb NOT NULL,
  write_ids jsonb NOT NULL DEFAULT '{}',
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (world, key)
);

-- An operator who sets a value need not think of the version.

CREATE FUNCTION raise_world_state_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := nextval('world_state_versions');
  RETURN NEW;
END $$;

CREATE TRIGGER world_states_version_raised BEFORE UPDATE ON world_states
  FOR EACH ROW WHEN (NEW.version = OLD.version) EXECUTE FUNCTION raise_world_state_version();
