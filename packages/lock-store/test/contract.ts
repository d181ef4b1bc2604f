import { Unavailable } from "@sallyport/domain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change, LockPage, LockReader, LockStore } from "../src/index.ts";

/** One empty space of locks, and the ways in which a test may reach it besides its store. */
export interface Opened {
  readonly store: LockStore;
  /** Opens another store over the same locks, like a process that starts later. */
  reopen(): Promise<LockStore>;
  /** A reader over the same locks. */
  readonly reader: LockReader;
  /** Resolves when the store's clock reaches this time. */
  clockReaches(nowMs: number): Promise<void>;
  /** Stores order deadlines within a shard only. */
  shardOf(key: string): number;
  /** Closes every opened store. */
  close(): Promise<void>;
}

/** The contract of every lock store. A store must pass every case. */
export function lockStoreContract(name: string, open: () => Promise<Opened>): void {
  describe(`${name} lock store`, () => {
    let opened: Opened;
    let store: LockStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    const attempt = (change: Partial<Change>) =>
      store.compareAndSet({ ...absent, key: "account:17", value: "a", ...change });
    const put = async (change: Partial<Change>): Promise<number> => {
      const { lock } = await store.load(change.key ?? "account:17");
      const changed = await attempt({ expectedVersion: lock?.version ?? 0, ...change });
      if (!changed.ok) throw new Error("someone else changed it");
      return changed.version;
    };

    describe("when locks change,", () => {
      it("has no lock that was not created", async () => {
        const { nowMs, lock } = await store.load("account:17");
        expect(lock).toBeNull();
        expect(Number.isSafeInteger(nowMs)).toBe(true);
      });

      it("returns the value that was set, with the version of that write", async () => {
        const created = await put({ value: "" });
        expect((await store.load("account:17")).lock).toEqual({ version: created, value: "" });
        const replaced = await put({ value: '{"ünïcode":"☃ 🔒\\u0000"}' });
        expect(replaced).toBeGreaterThan(created);
        expect((await store.load("account:17")).lock).toEqual({
          version: replaced,
          value: '{"ünïcode":"☃ 🔒\\u0000"}',
        });
      });

      it("deletes a lock", async () => {
        const version = await put({});
        expect(await attempt({ expectedVersion: version, value: null })).toEqual({ ok: true, version: 0 });
        expect((await store.load("account:17")).lock).toBeNull();
      });

      it("accepts deleting a missing lock if the caller expects it to be missing", async () => {
        expect(await attempt({ value: null })).toEqual({ ok: true, version: 0 });
      });

      it("keeps keys apart", async () => {
        await put({ key: "account:1", value: "one" });
        await put({ key: "account:2", value: "two" });
        expect((await store.load("account:1")).lock?.value).toBe("one");
        expect((await store.load("account:2")).lock?.value).toBe("two");
      });

      it("answers a mismatch with the present lock, and changes nothing", async () => {
        const version = await put({ value: "now", owner: "char-1", deadlineMs: 1 });
        for (const expectedVersion of [0, version - 1, version + 1]) {
          const refused = await attempt({ expectedVersion, value: "other", owner: "char-2" });
          expect(refused).toEqual({
            ok: false,
            nowMs: expect.any(Number),
            current: { version, value: "now" },
          });
        }
        expect((await store.load("account:17")).lock).toEqual({ version, value: "now" });
        expect(await store.due(10)).toEqual(["account:17"]);
        expect(await owned(store, "char-2")).toEqual([]);
      });

      it("answers a mismatch with null when there is no lock", async () => {
        const version = await put({});
        await put({ value: null });
        for (const value of ["late", null]) {
          const refused = await attempt({ expectedVersion: version, value });
          expect(refused).toEqual({ ok: false, nowMs: expect.any(Number), current: null });
        }
      });

      it("lets exactly one of many writers win that start from one read", async () => {
        const version = await put({});
        for (const value of ["new", null]) {
          const { lock } = await store.load("account:17");
          const answers = await Promise.all(
            Array.from({ length: 20 }, () => attempt({ expectedVersion: lock?.version ?? 0, value })),
          );
          expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
        }
        expect(version).toBeGreaterThan(0);
      });

      it("never mistakes a lock for an earlier lock with the same key", async () => {
        const seen = new Set<number>();
        for (let life = 0; life < 50; life += 1) {
          seen.add(await put({ value: "same" }));
          seen.add(await put({ value: "same" }));
          await put({ value: null });
        }
        expect(seen.size).toBe(100);
        const last = await put({ value: "same" });
        for (const version of seen) {
          expect(await attempt({ expectedVersion: version, value: "stolen" })).toMatchObject({
            ok: false,
            current: { version: last, value: "same" },
          });
        }
      });

      it("refuses values that cannot be stored", async () => {
        await expect(attempt({ key: "" })).rejects.toThrow(RangeError);
        await expect(attempt({ expectedVersion: -1 })).rejects.toThrow(RangeError);
        await expect(attempt({ deadlineMs: Number.NaN })).rejects.toThrow(RangeError);
        await expect(attempt({ deadlineMs: 0.5 })).rejects.toThrow(RangeError);
        await expect(attempt({ owner: "" })).rejects.toThrow(RangeError);
        await expect(attempt({ owner: "a\0b" })).rejects.toThrow(RangeError);
        await expect(store.load("")).rejects.toThrow(RangeError);
        await expect(store.due(0)).rejects.toThrow(RangeError);
        await expect(store.ownedBy("char-1", null, 0)).rejects.toThrow(RangeError);
        await expect(store.ownedBy("char-1", "no cursor", 1)).rejects.toThrow(RangeError);
      });
    });

    describe("deadlines", () => {
      const dueSoon = 5;

      it("are due when the store's clock reaches them, and not before", async () => {
        const { nowMs } = await store.load("account:17");
        await put({ deadlineMs: nowMs + 3_600_000 });
        await put({ key: "account:18", deadlineMs: nowMs + dueSoon });
        await opened.clockReaches(nowMs + dueSoon);
        expect(await store.due(10)).toEqual(["account:18"]);
      });

      it("stay due until the lock changes", async () => {
        await put({ deadlineMs: 1 });
        expect(await store.due(10)).toEqual(["account:17"]);
        expect(await store.due(10)).toEqual(["account:17"]);
      });

      it("end when a change removes or moves them, and with the lock", async () => {
        const { nowMs } = await store.load("account:17");
        for (const change of [{ deadlineMs: null }, { deadlineMs: nowMs + 3_600_000 }, { value: null }]) {
          await put({ deadlineMs: 1 });
          expect(await store.due(10)).toEqual(["account:17"]);
          await put(change);
          expect(await store.due(10)).toEqual([]);
        }
      });

      it("of a deleted lock do not come back with the next lock of its key", async () => {
        await put({ deadlineMs: 1 });
        await put({ value: null, deadlineMs: 1 });
        await put({});
        expect(await store.due(10)).toEqual([]);
      });

      it("come earliest first within a shard", async () => {
        const keys = Array.from({ length: 60 }, (_, n) => `account:${n}`);
        const at = (key: string): number => (Number(key.slice(8)) * 37) % 60;
        await Promise.all(keys.map((key) => put({ key, deadlineMs: at(key) })));
        const due = await store.due(100);
        expect([...due].sort()).toEqual([...keys].sort());
        for (const shard of new Set(keys.map(opened.shardOf))) {
          const times = due.filter((key) => opened.shardOf(key) === shard).map(at);
          expect(times).toEqual([...times].sort((a, b) => a - b));
        }
      });

      it("are returned as many as requested, from any shards", async () => {
        const candidates = Array.from({ length: 400 }, (_, n) => `account:${n}`);
        const crowded = candidates.filter((key) => opened.shardOf(key) === opened.shardOf("account:0"));
        const keys = [...crowded.slice(0, 20), ...candidates.slice(0, 10)];
        const count = new Set(keys).size;
        for (const key of keys) await put({ key, deadlineMs: 1 });
        for (const limit of [1, 2, 7, count - 1, count, count + 1, 1_000]) {
          const due = await store.due(limit);
          expect(due).toHaveLength(Math.min(limit, count));
          expect(new Set(due).size).toBe(due.length);
        }
      });

      it("are all returned in time if each pass takes only one", async () => {
        const waiting = new Set(Array.from({ length: 40 }, (_, n) => `account:${n}`));
        for (const key of waiting) await put({ key, deadlineMs: 1 });
        while (waiting.size > 0) {
          const [key] = await store.due(1);
          expect(waiting.delete(key ?? "none")).toBe(true);
          await put({ key: key ?? "", value: null });
        }
        expect(await store.due(1)).toEqual([]);
      });

      it("survive the process that set them", async () => {
        const { nowMs } = await store.load("account:17");
        const version = await put({ owner: "char-1", deadlineMs: nowMs + dueSoon });
        await store.close();
        const later = await opened.reopen();
        await opened.clockReaches(nowMs + dueSoon);
        expect(await later.due(10)).toEqual(["account:17"]);
        expect((await later.load("account:17")).lock).toEqual({ version, value: "a" });
        expect(await owned(later, "char-1")).toEqual(["account:17"]);
      });
    });

    describe("owners", () => {
      it("own the locks given to them, until a lock is given to another or to none", async () => {
        await put({ key: "account:1", owner: "char-1" });
        await put({ key: "account:2", owner: "char-1" });
        expect(await owned(store, "char-1")).toEqual(["account:1", "account:2"]);
        await put({ key: "account:1", owner: "char-2" });
        expect(await owned(store, "char-1")).toEqual(["account:2"]);
        expect(await owned(store, "char-2")).toEqual(["account:1"]);
        await put({ key: "account:1", owner: null });
        await put({ key: "account:2", value: null, owner: "char-1" });
        expect(await owned(store, "char-1")).toEqual([]);
        expect(await owned(store, "char-2")).toEqual([]);
      });

      it("are not confused with owners whose name begins alike", async () => {
        await put({ key: "account:1", owner: "char-1" });
        await put({ key: "account:2", owner: "char-10" });
        await put({ key: "account:3", owner: "char-1:x" });
        expect(await owned(store, "char-1")).toEqual(["account:1"]);
        expect(await owned(store, "char")).toEqual([]);
      });

      it("own 2,500 locks in pages of any size, each once", async () => {
        const keys = Array.from({ length: 2_500 }, (_, n) => `account:${n}`);
        await Promise.all(keys.map((key) => put({ key, owner: "char-1" })));
        for (const limit of [100, 1_000, 2_500, 10_000]) {
          const found = await pages(store, "char-1", limit);
          expect(found.every((page) => page.length <= limit)).toBe(true);
          expect(found.flat().sort()).toEqual([...keys].sort());
        }
      });

      it("own locks that are all found even if each page is released before the next", async () => {
        const keys = Array.from({ length: 300 }, (_, n) => `account:${n}`);
        await Promise.all(keys.map((key) => put({ key, owner: "char-1" })));
        const found = await pages(store, "char-1", 70, async (page) => {
          await Promise.all(page.map((key) => put({ key, value: null })));
        });
        expect(found.flat().sort()).toEqual([...keys].sort());
        expect(await owned(store, "char-1")).toEqual([]);
      });
    });

    describe("a reader", () => {
      const values = async (
        limit: number,
        between: () => Promise<unknown> = async () => null,
        prefix = "",
      ) => {
        const found = new Map<string, string>();
        let cursor: string | null = null;
        do {
          const page: LockPage = await opened.reader.list(cursor, limit, prefix);
          for (const { key, value } of page.locks) found.set(key, value ?? "nothing");
          await between();
          cursor = page.next;
        } while (cursor !== null);
        return found;
      };

      it("finds no locks if none were created", async () => {
        expect(await values(10)).toEqual(new Map());
        expect((await opened.reader.load("account:17")).lock).toBeNull();
      });

      it("reads a lock as the store does, on the same clock", async () => {
        const version = await put({ value: "now", owner: "char-1" });
        const { nowMs } = await store.load("account:17");
        const read = await opened.reader.load("account:17");
        expect(read.lock).toEqual({ version, value: "now" });
        expect(read.nowMs).toBeGreaterThanOrEqual(nowMs);
        await put({ value: null });
        expect((await opened.reader.load("account:17")).lock).toBeNull();
      });

      it("finds every lock that has a deadline, an owner or both, in pages of any size", async () => {
        const all = new Map<string, string>();
        for (let n = 0; n < 600; n += 1) {
          const key = `account:${n}`;
          all.set(key, `value ${n}`);
          const owner = n % 3 === 0 ? null : `char-${n % 5}`;
          await put({ key, value: `value ${n}`, owner, deadlineMs: n % 3 === 1 ? null : n });
        }
        await put({ key: "account:0", value: null });
        all.delete("account:0");
        for (const limit of [1, 50, 10_000]) expect(await values(limit)).toEqual(all);
        const some = new Map([...all].filter(([key]) => key.startsWith("account:59")));
        expect(await values(100, undefined, "account:59")).toEqual(some);
        expect(await values(100, undefined, "account:*")).toEqual(new Map());
      });

      it("finds the locks that stay, whatever locks come and go meanwhile", async () => {
        const keys = Array.from({ length: 300 }, (_, n) => `account:${n}`);
        for (const key of keys) await put({ key, owner: "char-1" });
        let n = 300;
        const found = await values(40, async () => {
          n += 1;
          await put({ key: `account:${n}`, owner: "char-1" });
          await put({ key: `account:${n - 290}`, value: null });
        });
        const gone = new Set(Array.from({ length: n - 300 }, (_, at) => `account:${at + 11}`));
        for (const key of keys.filter((each) => !gone.has(each))) expect(found.has(key), key).toBe(true);
      });
    });

    it("fails every operation once it is closed", async () => {
      await store.close();
      await store.close();
      await expect(store.load("account:17")).rejects.toThrow(Unavailable);
      await expect(attempt({})).rejects.toThrow(Unavailable);
      await expect(store.due(1)).rejects.toThrow(Unavailable);
      await expect(store.ownedBy("char-1", null, 1)).rejects.toThrow(Unavailable);
    });
  });
}

const absent = { expectedVersion: 0, value: null, deadlineMs: null, owner: null } as const;

export async function pages(
  store: LockStore,
  owner: string,
  limit: number,
  between: (page: readonly string[]) => Promise<void> = async () => {},
): Promise<(readonly string[])[]> {
  const found: (readonly string[])[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<LockStore["ownedBy"]>> = await store.ownedBy(owner, cursor, limit);
    found.push(page.keys);
    await between(page.keys);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

async function owned(store: LockStore, owner: string): Promise<string[]> {
  return (await pages(store, owner, 100)).flat().sort();
}
