import { isIP } from "node:net";
import { type JsonObject, Unavailable } from "@sallyport/domain";
import type { LoginSeen, Origin, Trail, TrailEntry } from "./trail.ts";
import type { LoginRow, TrailRow, TrailStore } from "./trail-store.ts";

export interface TrailWriterOptions {
  readonly store: Pick<TrailStore, "forget" | "write" | "writeLogins">;
  /** Name of this server. */
  readonly server: string;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly every: (periodMs: number, run: () => void) => () => void;
  /** Rows older than this many milliseconds are removed. Null: no row is. */
  readonly retentionMs: number | null;
  /** At most this many entries wait. Further ones are left out, and counted. */
  readonly waitingMax?: number;
  /** Called with the number of entries that were left out. */
  readonly leftOut: (count: number) => void;
  /** Called with an error that is a bug. */
  readonly failed: (error: unknown) => void;
}

const waitingUsual = 20_000;
const writeEveryMs = 500;
const forgetEveryMs = 3_600_000;
const rowsAtOnce = 1_000;
const textUnitsMax = 500;
/** At a stop, a failed write is repeated for this many milliseconds. */
const stopMsMax = 5_000;

interface Waiting {
  readonly row: TrailRow;
  /** How often the refusal occurred. */
  times: number;
}

/**
 * Writes the trail in batches, off the way of those who note something. While Postgres does not answer, the
 * entries wait. A batch whose outcome is unknown is written again, and adds no row twice.
 */
export class TrailWriter implements Trail {
  readonly #options: TrailWriterOptions;
  #waiting: Waiting[] = [];
  /** The waiting refusals, by what they share. */
  readonly #refusals = new Map<string, Waiting>();
  readonly #logins = new Map<string, LoginRow>();
  readonly #stopTimers: readonly (() => void)[];
  #leftOut = 0;
  #writing: Promise<boolean> | null = null;

  constructor(options: TrailWriterOptions) {
    this.#options = options;
    const { every } = options;
    this.#stopTimers = [
      every(writeEveryMs, () => {
        if (this.#writing === null) void this.#begin();
      }),
      every(forgetEveryMs, () => void this.#forget()),
    ];
  }

  note(entry: TrailEntry): void {
    this.#add(entry);
  }

  noteRefusal(entry: TrailEntry): void {
    const { what, accountId, why, origin } = entry;
    const shared = JSON.stringify([what, accountId, why, origin?.address]);
    const waiting = this.#refusals.get(shared);
    if (waiting !== undefined) waiting.times += 1;
    else {
      const added = this.#add(entry);
      if (added !== null) this.#refusals.set(shared, added);
    }
  }

  seen({ accountId, fence, origin, hasEnded }: LoginSeen): void {
    const { waitingMax = waitingUsual } = this.#options;
    const at = this.#at();
    const key = `${accountId} ${fence}`;
    const before = this.#logins.get(key);
    if (before === undefined && this.#logins.size >= waitingMax) {
      this.#leftOut += 1;
      return;
    }
    const from = originRow(origin ?? {});
    this.#logins.set(key, {
      ...{ account_id: accountId, fence },
      ...(before === undefined ? from : { ...before, ...(origin !== undefined && from) }),
      connected_at: before?.connected_at ?? at,
      last_active_at: at,
      ended_at: before?.ended_at ?? (hasEnded === true ? at : null),
    });
  }

  /** Writes what waits. If Postgres does not answer, the entries that are left are counted. */
  async stop(): Promise<void> {
    const { wallMs, leftOut } = this.#options;
    for (const stop of this.#stopTimers) stop();
    const beganMs = wallMs();
    await this.#writing;
    while (!(await this.#begin()))
      if (wallMs() - beganMs >= stopMsMax) return leftOut(this.#waiting.length + this.#leftOut);
  }

  #add(entry: TrailEntry): Waiting | null {
    const { waitingMax = waitingUsual } = this.#options;
    if (this.#waiting.length >= waitingMax) {
      this.#leftOut += 1;
      return null;
    }
    const waiting = { row: this.#rowOf(entry), times: 1 };
    this.#waiting.push(waiting);
    return waiting;
  }

  #begin(): Promise<boolean> {
    const writing = this.#writeAll().finally(() => {
      this.#writing = null;
    });
    this.#writing = writing;
    return writing;
  }

  /** Resolves to true if nothing waits any more. */
  async #writeAll(): Promise<boolean> {
    const { store, leftOut, failed } = this.#options;
    try {
      if (this.#leftOut > 0) {
        const count = this.#leftOut;
        leftOut(count);
        this.#waiting.push({ row: this.#rowOf({ what: "left-out", detail: { count } }), times: 1 });
        this.#leftOut = 0;
      }
      while (this.#waiting.length > 0) {
        this.#refusals.clear();
        const batch = this.#waiting.slice(0, rowsAtOnce);
        await store.write(batch.map(counted));
        this.#waiting.splice(0, batch.length);
      }
      while (this.#logins.size > 0) {
        const batch = [...this.#logins].slice(0, rowsAtOnce);
        await store.writeLogins(batch.map(([, row]) => row));
        // A row that changed meanwhile is written again.
        for (const [key, row] of batch) if (this.#logins.get(key) === row) this.#logins.delete(key);
      }
      return true;
    } catch (error) {
      if (!(error instanceof Unavailable)) failed(error);
      return false;
    }
  }

  async #forget(): Promise<void> {
    const { store, wallMs, retentionMs, failed } = this.#options;
    if (retentionMs === null) return;
    try {
      while (await store.forget(wallMs() - retentionMs));
    } catch (error) {
      if (!(error instanceof Unavailable)) failed(error);
    }
  }

  #at(): string {
    return new Date(this.#options.wallMs()).toISOString();
  }

  #rowOf({ what, accountId, charId, why, by, origin = {}, detail }: TrailEntry): TrailRow {
    return {
      id: this.#newId(),
      at: this.#at(),
      what,
      account_id: accountId ?? null,
      char_id: charId ?? null,
      ...originRow(origin),
      server: this.#options.server,
      by: storable(by),
      why: storable(why),
      detail: detail ?? null,
    };
  }

  /** A UUID of version 7: its order is that of the time. */
  #newId(): string {
    const time = Math.floor(this.#options.wallMs()).toString(16).padStart(12, "0");
    const random = Buffer.from(this.#options.randomBytes(10)).toString("hex");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(1, 4)}-8${random.slice(5, 8)}-${random.slice(8, 20)}`;
  }
}

const counted = ({ row, times }: Waiting): TrailRow =>
  times === 1 ? row : { ...row, detail: { ...(row.detail as JsonObject | null), times } };

const originRow = ({ address, device, dialect, clientVersion }: Partial<Origin>) => ({
  // A link-local address has a zone, which Postgres does not know.
  address: addressIn(address?.replace(/%.*$/, "") ?? ""),
  device: storable(device),
  dialect: storable(dialect),
  client_version: storable(clientVersion),
});

const addressIn = (text: string): string | null => (isIP(text) === 0 ? null : text);

/** Clients choose some of these texts. Postgres stores no NUL, and no half of a surrogate pair. */
const storable = (text: string | null | undefined): string | null =>
  text == null ? null : Buffer.from(text.slice(0, textUnitsMax).replaceAll("\0", "")).toString();
