import type { AccountLookup, NetworkBans, TrailRow, TrailStore } from "@sallyport/database";
import type { Directory } from "@sallyport/directory";
import {
  accountLockKey,
  characterLockKey,
  type LockKind,
  lockKeyPrefix,
  type ServerLock,
  serverLockKey,
} from "@sallyport/lock-core";
import { type LockReader, UnreadableLock } from "@sallyport/lock-store";
import type { LockRow, LocksAnswer, ServersAnswer, WhoisAnswer } from "./answers.ts";
import { bannedPlaces } from "./banned-places.ts";
import type { LimitReadings } from "./limit-text.ts";
import { lockRow, ownerServer, type ReadLock, serverLockIn, type unreadable } from "./lock-rows.ts";
import { serverRows } from "./server-rows.ts";
import { type LoginRefused, type WhoisFacts, whois } from "./whois.ts";

/*
 * Answers the questions of operators in a running process. This code never writes.
 */

export interface ViewSources {
  readonly directory: Pick<Directory, "list">;
  readonly lookup: AccountLookup;
  readonly trail: Pick<TrailStore, "logins" | "refusals">;
  readonly networkBans: Pick<NetworkBans, "list">;
  readonly limits: LimitReadings;
  /**
   * Returns the reader for the locks of a world. The world null stands for the login-servers. Returns null if
   * another process has those locks in memory.
   */
  readonly readerOf: (world: string | null) => LockReader | null;
  /** Worlds whose lock stores this process has opened. The database may not list them. */
  readonly ownWorlds: readonly string[];
  /** If the stores of this process lost locks, servers may restore them for this many more milliseconds. */
  readonly graceLeftMs: () => number;
  readonly wallMs: () => number;
  /** See `evictMs` in `LockTiming`. */
  readonly evictMs: number;
}

export interface LocksAsked {
  readonly kind?: LockKind | undefined;
  readonly state?: string | undefined;
  /** Name of the server that owns the lock. */
  readonly owner?: string | undefined;
  readonly world?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The query itself is wrong, so no server can answer it. */
export class AskedWrong extends Error {
  override readonly name = "AskedWrong";
}

export interface OperatorView {
  servers(): Promise<ServersAnswer>;
  locks(asked: LocksAsked): Promise<LocksAnswer>;
  whois(name: string, facts: Pick<WhoisFacts, "isConfirmationRequired">): Promise<WhoisAnswer>;
}

/** Refusals of one kind from one address are told together. */
const refusalsRead = 50;
/** `whois` compares the places of this many logins with the bans. */
const loginsRead = 5;
/** Far more bans than hold at once, unless somebody attacks. If there are more, `whois` reads the newest. */
const bansRead = 50_000;
const pageKeys = 500;
/** One query reads at most this many pages, even if few of their locks match its filter. */
const pagesMax = 20;
const serverPagesMax = 200;

export function createOperatorView(sources: ViewSources): OperatorView {
  const { directory, lookup, trail, networkBans, limits, readerOf } = sources;
  const { ownWorlds, graceLeftMs, wallMs, evictMs } = sources;

  const isSeen = (world: string | null): boolean => readerOf(world) !== null;

  /** Lists all worlds. Null stands for the login-servers. */
  async function allWorlds(): Promise<readonly (string | null)[]> {
    return [null, ...new Set([...ownWorlds, ...(await lookup.worlds())].sort())];
  }

  const unseenAmong = (worlds: readonly (string | null)[]): readonly string[] =>
    worlds
      .filter((world) => !isSeen(world))
      .map((world) =>
        world === null
          ? "The locks of accounts: without REDIS_URL they live in the login-server. Ask its admin port."
          : `The locks of world ${world}: without REDIS_URL they live in its char-server. Ask its admin port.`,
      );

  /** Turns locks into rows. Loads each server lock only once, even if several rows need it. */
  async function rowsOf(read: readonly ReadLock[]): Promise<readonly LockRow[]> {
    const found = new Map<string, ServerLock | typeof unreadable>();
    const keyOf = (world: string | null, server: string): string => JSON.stringify([world, server]);
    const asked = new Map(
      read.flatMap((each) => ownerServer(each) ?? []).map((at) => [keyOf(at.world, at.server), at]),
    );
    await Promise.all(
      [...asked].map(async ([key, { world, server }]) => {
        const [loaded] = await loadFrom(world, serverLockKey(server));
        if (loaded !== undefined) found.set(key, serverLockIn(loaded));
      }),
    );
    return read.flatMap(
      (each) =>
        lockRow(each, (world, server) => found.get(keyOf(world, server)) ?? { state: "absent" }) ?? [],
    );
  }

  async function serverLocks(worlds: readonly (string | null)[]): Promise<readonly LockRow[]> {
    const ofEach = worlds.map(async (world) => {
      const reader = readerOf(world);
      const read: ReadLock[] = [];
      let cursor: string | null = null;
      for (let pages = 0; reader !== null && pages < serverPagesMax; pages += 1) {
        const { locks, nowMs, next } = await reader.list(cursor, pageKeys, lockKeyPrefix("server"));
        read.push(...locks.map((lock) => ({ ...lock, world, nowMs })));
        cursor = next;
        if (next === null) break;
      }
      return rowsOf(read);
    });
    // A key may appear on two pages if locks change while the pages are read.
    const rows = (await Promise.all(ofEach)).flat();
    return [...new Map(rows.map((row) => [JSON.stringify([row.world, row.server]), row])).values()];
  }

  return {
    async servers() {
      const [presences, worlds] = await Promise.all([directory.list(), allWorlds()]);
      return {
        servers: serverRows(presences, await serverLocks(worlds), isSeen),
        unseen: unseenAmong(worlds),
      };
    },

    async locks({ kind, state, owner, world, after, limit }) {
      const known = await allWorlds();
      if (world !== undefined && !known.includes(world))
        throw new AskedWrong(
          `world: none is called ${world}; there are ${known.slice(1).join(", ") || "none"}`,
        );
      const worlds = known.filter((each) => (world === undefined ? isOfKind(each, kind) : each === world));
      let at = after === undefined ? { world: worlds[0] ?? null, cursor: null } : readAfter(after);
      if (!worlds.includes(at.world)) throw new AskedWrong(notAfter);
      const wanted = (row: LockRow): boolean =>
        (kind === undefined || row.kind === kind) &&
        (state === undefined || row.state === state) &&
        (owner === undefined || row.owner === owner);
      const locks: LockRow[] = [];
      let next: string | null = null;
      for (let pages = 0; pages < pagesMax; pages += 1) {
        const page = await pageAt(at, Math.min(limit, pageKeys), kind && lockKeyPrefix(kind));
        const read = (page?.locks ?? []).map((lock) => ({
          ...lock,
          world: at.world,
          nowMs: page?.nowMs ?? 0,
        }));
        locks.push(...(await rowsOf(read)).filter(wanted));
        const place = placeAfter(at.world, page?.next ?? null, worlds);
        next = place && writeAfter(place);
        if (place === null || locks.length >= limit) break;
        at = place;
      }
      return { locks, next, unseen: unseenAmong(worlds) };
    },

    async whois(name, { isConfirmationRequired }) {
      const worlds = await allWorlds();
      const [found, linked, bans] = await Promise.all([
        lookup.find(name),
        charServersLinked(),
        networkBans.list(bansRead),
      ]);
      const accounts = found.map(async (account) => {
        const [read, refused, logins, ...counted] = await Promise.all([
          Promise.all(worlds.map((world) => lockOf(world, account.accountId))),
          trail.refusals(account.accountId, refusalsRead),
          trail.logins(account.accountId, loginsRead),
          ...[account.name, account.email].flatMap((of) => (of === null ? [] : [limits({ name: of })])),
        ]);
        return whois({
          account,
          locks: await rowsOf(read.flat()),
          isAccountLockSeen: isSeen(null),
          charServersLinked: linked,
          isConfirmationRequired,
          bannedPlaces: bannedPlaces(logins, bans, wallMs()),
          refusals: refused.map(refusalOf),
          limits: counted.flat(),
          graceLeftMs: graceLeftMs(),
          evictMs,
          nowMs: wallMs(),
        });
      });
      return { name, accounts: await Promise.all(accounts), unseen: unseenAmong(worlds) };
    },
  };

  async function pageAt({ world, cursor }: Place, limit: number, keyPrefix: string | undefined) {
    try {
      return await readerOf(world)?.list(cursor, limit, keyPrefix);
    } catch (error) {
      // The caller sent the cursor, so a wrong cursor is the caller's mistake.
      if (cursor !== null && error instanceof RangeError) throw new AskedWrong(notAfter);
      throw error;
    }
  }

  async function lockOf(world: string | null, accountId: number): Promise<readonly ReadLock[]> {
    return loadFrom(world, world === null ? accountLockKey(accountId) : characterLockKey(accountId));
  }

  async function loadFrom(world: string | null, key: string): Promise<readonly ReadLock[]> {
    try {
      const loaded = await readerOf(world)?.load(key);
      if (!loaded?.lock) return [];
      const { value, deadlineMs } = loaded.lock;
      return [{ key, value, deadlineMs, world, nowMs: loaded.nowMs }];
    } catch (error) {
      if (error instanceof UnreadableLock) return [{ key, value: null, deadlineMs: null, world, nowMs: 0 }];
      throw error;
    }
  }

  async function charServersLinked(): Promise<number | null> {
    if (!isSeen(null)) return null;
    return (await serverLocks([null])).filter(({ state }) => state === "connected").length;
  }
}

function refusalOf({ at, why, address, detail }: TrailRow): LoginRefused {
  const times = (detail as { readonly times?: unknown } | null)?.times;
  return {
    atMs: Date.parse(at),
    why: why ?? "unknown",
    address,
    times: typeof times === "number" ? times : 1,
  };
}

const isOfKind = (world: string | null, kind: LocksAsked["kind"]): boolean =>
  kind === undefined || kind === "server" || (kind === "account") === (world === null);

interface Place {
  readonly world: string | null;
  readonly cursor: string | null;
}

function placeAfter(
  world: string | null,
  next: string | null,
  worlds: readonly (string | null)[],
): Place | null {
  if (next !== null) return { world, cursor: next };
  const following = worlds[worlds.indexOf(world) + 1];
  return following === undefined ? null : { world: following, cursor: null };
}

const writeAfter = ({ world, cursor }: Place): string =>
  Buffer.from(JSON.stringify([world, cursor])).toString("base64url");

const notAfter = "after: not what `next` was";

function readAfter(after: string): Place {
  const wrong = new AskedWrong(notAfter);
  try {
    const [world, cursor, ...rest] = JSON.parse(Buffer.from(after, "base64url").toString()) as unknown[];
    const isText = (value: unknown): value is string | null => value === null || typeof value === "string";
    if (!isText(world) || !isText(cursor) || rest.length > 0) throw wrong;
    return { world, cursor };
  } catch {
    throw wrong;
  }
}
