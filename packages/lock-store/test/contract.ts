import { Unavailable } from "@sallyport/domain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change, LockPage, LockStore } from "../src/index.ts";
import { deadlineContract } from "./deadline-contract.ts";
import { type Opened, owned, pages } from "./opened.ts";

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
        expect((await store.load("account:17")).lock).toMatchObject({ version: created, value: "" });
        const replaced = await put({ value: '{"ünïcode":"☃ 🔒\\u0000"}' });
        expect(replaced).toBeGreaterThan(created);
        expect((await store.load("account:17")).lock).toMatchObject({
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
        const version = await put({ value: "now", owner: "char-1", deadline: { atMs: 1 } });
        for (const expectedVersion of [0, version - 1, version + 1]) {
          const refused = await attempt({ expectedVersion, value: "other", owner: "char-2" });
          expect(refused).toEqual({
            ...{ ok: false, why: "version", nowMs: expect.any(Number) },
            current: { version, value: "now", deadlineMs: 1 },
          });
        }
        expect((await store.load("account:17")).lock).toMatchObject({ version, value: "now" });
        expect(await store.due(10)).toEqual(["account:17"]);
        expect(await owned(store, "char-2")).toEqual([]);
      });

      it("answers a mismatch with null when there is no lock", async () => {
        const version = await put({});
        await put({ value: null });
        for (const value of ["late", null]) {
          const refused = await attempt({ expectedVersion: version, value });
          expect(refused).toMatchObject({ ok: false, why: "version", current: null });
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
        await expect(attempt({ deadline: { atMs: Number.NaN } })).rejects.toThrow(RangeError);
        await expect(attempt({ deadline: { atMs: 0.5 } })).rejects.toThrow(RangeError);
        await expect(attempt({ deadline: { inMs: -1 } })).rejects.toThrow(RangeError);
        await expect(attempt({ owner: "" })).rejects.toThrow(RangeError);
        await expect(attempt({ owner: "a\0b" })).rejects.toThrow(RangeError);
        await expect(store.load("")).rejects.toThrow(RangeError);
        await expect(store.due(0)).rejects.toThrow(RangeError);
        await expect(store.ownedBy("char-1", null, 0)).rejects.toThrow(RangeError);
        await expect(store.ownedBy("char-1", "no cursor", 1)).rejects.toThrow(RangeError);
      });
    });

    describe("when many locks change in one turn of the event loop,", () => {
      const keys = Array.from({ length: 450 }, (_, n) => `account:${n}`);
      const nobody = "account:9999";

      it("makes each change whose version is right, and answers the others with the present lock", async () => {
        await Promise.all(keys.map((key) => put({ key, value: "before" })));
        const loaded = await Promise.all(keys.map((key) => store.load(key)));
        const isRight = (n: number): boolean => n % 3 !== 0;
        const answers = await Promise.all(
          keys.map((key, n) => {
            const version = loaded[n]?.lock?.version ?? -1;
            const value = n % 2 === 0 ? null : "after";
            return attempt({ key, expectedVersion: isRight(n) ? version : version - 1, value });
          }),
        );
        for (const [n, key] of keys.entries()) {
          const before = loaded[n]?.lock;
          const { lock } = await store.load(key);
          if (isRight(n)) {
            expect(answers[n]).toEqual({ ok: true, version: n % 2 === 0 ? 0 : lock?.version });
            expect(lock?.value).toBe(n % 2 === 0 ? undefined : "after");
          } else {
            expect(answers[n]).toMatchObject({ ok: false, why: "version", current: before });
            expect(lock).toEqual(before);
          }
        }
        const versions = answers.flatMap((answer, n) =>
          answer.ok && answer.version > 0 ? `${opened.shardOf(keys[n] ?? "")}: ${answer.version}` : [],
        );
        expect(new Set(versions).size).toBe(150);
      });

      it("makes them in the order of the calls, and reads see the changes before them", async () => {
        const [first, second, third, read] = await Promise.all([
          attempt({ value: "first" }),
          attempt({ value: "second" }),
          attempt({ key: nobody, value: null }),
          store.load("account:17"),
        ]);
        expect([first.ok, second.ok, third.ok]).toEqual([true, false, true]);
        expect(read.lock).toMatchObject({ version: first.ok ? first.version : -1, value: "first" });
        expect(second).toMatchObject({ current: read.lock });
      });

      it("keeps the deadline and the owner of each", async () => {
        await Promise.all(
          keys.map((key, n) =>
            attempt({ key, owner: `char-${n % 2}`, deadline: n < 10 ? { atMs: 1 } : "none" }),
          ),
        );
        expect([...(await store.due(100))].sort()).toEqual(keys.slice(0, 10).sort());
        expect(await owned(store, "char-1")).toEqual(keys.filter((_, n) => n % 2 === 1).sort());
      });
    });

    deadlineContract(() => opened, put);

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
        expect(read.lock).toMatchObject({ version, value: "now" });
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
          await put({ key, value: `value ${n}`, owner, deadline: n % 3 === 1 ? "none" : { atMs: n } });
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

const absent = { expectedVersion: 0, value: null, deadline: "none", owner: null } as const;
