import { accepted, type NetworkBan, type Outcome, refused } from "@sallyport/domain";
import { untilValue } from "./account-orders.ts";
import type { Changes } from "./changes.ts";
import type { Database, Statement } from "./database.ts";
import { sqlStatesOf } from "./postgres-errors.ts";
import { columns, isReadable, orNull, type Row, readRow } from "./stored-values.ts";

/** A ban as operators see it. */
export interface MadeNetworkBan extends NetworkBan {
  /** The operator or the program that made it. Null: unknown. */
  readonly by: string | null;
  readonly madeMs: number;
}

/** Every method can throw `Unavailable`. Then it is unknown whether the ban was made or lifted. */
export interface NetworkBans {
  /**
   * Bans an address or a network in CIDR notation, or a device as clients show it. Infinity bans for ever.
   * `reason` is shown to players. A second ban of the same network or device is another ban.
   */
  add(ban: {
    of: { network: string } | { device: string };
    untilMs: number;
    reason?: string | null;
    by?: string | null;
  }): Promise<Outcome<{ readonly id: number }, "invalid">>;
  lift(id: number): Promise<Outcome<Record<never, never>, "no-such-ban">>;
  /** Returns the bans that hold, newest first. */
  list(countMax: number): Promise<readonly MadeNetworkBan[]>;
  /**
   * Returns the bans that were made or changed after `version`, in that order. At most `countMax` are read. A
   * ban that no server can use is left out. After version 0, only bans that hold are read.
   */
  bansAfter(version: number, countMax: number): Promise<Changes<NetworkBan>>;
}

const banColumns = "id, network::text, device, reason, until, lifted_at, version";

const statements = {
  // `network()` clears the bits of an address that its network does not fix.
  add: {
    name: "network-ban-add",
    text: `INSERT INTO network_bans (kind, network, device, reason, until, by)
      VALUES (CASE WHEN $2::text IS NULL THEN 'network' ELSE 'device' END, network($1::inet), $2, $3, $4, $5)
      RETURNING id`,
  },
  lift: {
    name: "network-ban-lift",
    text: "UPDATE network_bans SET lifted_at = now() WHERE id = $1 AND lifted_at IS NULL RETURNING id",
  },
  list: {
    name: "network-ban-list",
    text: `SELECT ${banColumns}, by, made_at FROM network_bans
      WHERE lifted_at IS NULL AND until > now() ORDER BY id DESC LIMIT $1`,
  },
  after: {
    name: "network-bans-after",
    text: `SELECT ${banColumns} FROM network_bans
      WHERE version > $1 AND ($1::bigint > 0 OR (lifted_at IS NULL AND until > now()))
      ORDER BY version LIMIT $2`,
  },
} satisfies Record<string, Statement>;

const banReaders = {
  id: columns.fence,
  network: orNull(columns.networkText),
  device: orNull(columns.deviceId),
  reason: columns.note,
  until: columns.bannedUntil,
  lifted_at: orNull(columns.moment),
};
const madeReaders = { ...banReaders, by: columns.note, made_at: columns.moment };
const versionReaders = { version: columns.fence };

/** Postgres answers with these states to a text that is no network, and to one that is too long. */
const invalidStates = new Set(["22P02", "22001"]);

export function createNetworkBans(database: Database): NetworkBans {
  return {
    add: async ({ of, untilMs, reason = null, by = null }) => {
      const [network, device] = "network" in of ? [of.network, null] : [null, of.device];
      if (device !== null && columns.deviceId(device) === undefined) return refused("invalid");
      try {
        const values = [network, device, reason, untilValue(untilMs), by];
        const [row] = await database.query<{ id: string }>(statements.add, values);
        return row ? accepted({ id: Number(row.id) }) : refused("invalid");
      } catch (error) {
        if (sqlStatesOf(error).some((state) => invalidStates.has(state))) return refused("invalid");
        throw error;
      }
    },

    lift: async (id) => {
      const [row] = await database.query(statements.lift, [id]);
      return row ? accepted({}) : refused("no-such-ban");
    },

    list: async (countMax) => {
      const rows = await database.query<Row>(statements.list, [countMax]);
      return rows
        .filter((row) => isReadable(row, madeReaders))
        .map((found) => {
          const { by, made_at: madeMs, ...row } = readRow("network ban", found, madeReaders);
          return { ...banFrom(row), by, madeMs };
        });
    },

    bansAfter: async (version, countMax) => {
      const rows = await database.query<Row>(statements.after, [version, countMax]);
      const last = rows.at(-1);
      return {
        items: rows
          .filter((row) => isReadable(row, banReaders))
          .map((row) => banFrom(readRow("network ban", row, banReaders))),
        version: last ? readRow("network ban", last, versionReaders).version : version,
      };
    },
  };
}

const banFrom = (row: {
  id: number;
  network: string | null;
  device: string | null;
  reason: string | null;
  until: number | null;
  lifted_at: number | null;
}): NetworkBan => ({
  id: row.id,
  network: row.network,
  device: row.device,
  // A ban until minus infinity has ended.
  untilMs: row.until === Number.POSITIVE_INFINITY ? null : Math.max(0, row.until ?? 0),
  text: row.reason,
  isLifted: row.lifted_at !== null,
});
