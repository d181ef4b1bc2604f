-- What operators decide about an account: its role, its ban, and whether it may speak. These are the orders
-- about it. Servers follow them by their versions, so an order that is given by SQL counts too.
--
-- `orders_version` is 0 until the first order. Versions become visible in their order, because one
-- transaction at a time draws them. So a server that has read up to a version has missed none before it.
--
-- `ban_number` is no longer used: `orders_version` shows that a delayed statement is old.

CREATE SEQUENCE orders_versions MAXVALUE 9007199254740991;

ALTER TABLE accounts
  ADD COLUMN role text NOT NULL DEFAULT 'player'
    CONSTRAINT accounts_role_known CHECK (role IN ('player', 'gamemaster', 'administrator')),
  ADD COLUMN ban_reason text,
  ADD COLUMN banned_by text,
  ADD COLUMN banned_at timestamptz,
  ADD COLUMN muted_until timestamptz,
  ADD COLUMN orders_version bigint NOT NULL DEFAULT 0,
  ADD COLUMN ordered_at timestamptz;

CREATE INDEX accounts_orders ON accounts (orders_version) WHERE orders_version > 0;

-- Addresses, networks and devices from which nobody may come. A lifted ban stays, so that servers learn that
-- it was lifted.

CREATE TABLE network_bans (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  network cidr,
  device text,
  reason text,
  until timestamptz NOT NULL DEFAULT 'infinity',
  by text,
  made_at timestamptz NOT NULL DEFAULT now(),
  lifted_at timestamptz,
  version bigint NOT NULL DEFAULT 0,
  CONSTRAINT network_bans_of_one_kind CHECK (
    (kind = 'network' AND network IS NOT NULL AND device IS NULL)
    OR (kind = 'device' AND device IS NOT NULL AND network IS NULL)
  )
);

CREATE INDEX network_bans_versions ON network_bans (version);

CREATE FUNCTION wait_for_orders_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The letters "orders" in ASCII, as one number. The lock lasts until the transaction ends.
  PERFORM pg_advisory_xact_lock(122537101324915);
  RETURN NULL;
END $$;

CREATE FUNCTION raise_account_orders_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.orders_version := nextval('orders_versions');
  NEW.ordered_at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE FUNCTION raise_network_ban_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := nextval('orders_versions');
  RETURN NEW;
END $$;

CREATE TRIGGER accounts_orders_turn
  BEFORE UPDATE OF role, banned_until, ban_reason, muted_until ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION wait_for_orders_turn();

CREATE TRIGGER accounts_orders_version_raised
  BEFORE UPDATE OF role, banned_until, ban_reason, muted_until ON accounts
  FOR EACH ROW EXECUTE FUNCTION raise_account_orders_version();

CREATE TRIGGER network_bans_turn BEFORE INSERT OR UPDATE ON network_bans
  FOR EACH STATEMENT EXECUTE FUNCTION wait_for_orders_turn();

CREATE TRIGGER network_bans_version_raised BEFORE INSERT OR UPDATE ON network_bans
  FOR EACH ROW EXECUTE FUNCTION raise_network_ban_version();
