import { until } from "@sallyport/testkit";
import { describe, expect, it } from "vitest";
import type { Change, LockStore } from "../src/index.ts";
import { type Opened, owned } from "./opened.ts";

export function deadlineContract(
  opened: () => Opened,
  /** Changes a lock, whatever version it has. The key is `account:17` unless `change` names another one. */
  put: (change: Partial<Change>) => Promise<number>,
): void {
  const store = (): LockStore => opened().store;

  describe("deadlines", () => {
    const dueSoon = 5;

    it("are due when the store's clock reaches them, and not before", async () => {
      const { nowMs } = await store().load("account:17");
      await put({ deadline: { atMs: nowMs + 3_600_000 } });
      await put({ key: "account:18", deadline: { atMs: nowMs + dueSoon } });
      await opened().clockReaches(nowMs + dueSoon);
      expect(await store().due(10)).toEqual(["account:18"]);
    });

    it("stay due until the lock changes", async () => {
      await put({ deadline: { atMs: 1 } });
      expect(await store().due(10)).toEqual(["account:17"]);
      expect(await store().due(10)).toEqual(["account:17"]);
    });

    it("end when a change removes or moves them, and with the lock", async () => {
      const { nowMs } = await store().load("account:17");
      for (const change of [
        { deadline: "none" as const },
        { deadline: { atMs: nowMs + 3_600_000 } },
        { value: null },
      ]) {
        await put({ deadline: { atMs: 1 } });
        expect(await store().due(10)).toEqual(["account:17"]);
        await put(change);
        expect(await store().due(10)).toEqual([]);
      }
    });

    it("begin when the change is made, if the change says how long they last", async () => {
      const { nowMs } = await store().load("account:17");
      await put({ deadline: { inMs: 3_600_000 } });
      const { nowMs: laterMs, lock } = await store().load("account:17");
      expect(lock?.deadlineMs).toBeGreaterThanOrEqual(nowMs + 3_600_000);
      expect(lock?.deadlineMs).toBeLessThanOrEqual(laterMs + 3_600_000);
      await put({ deadline: { inMs: dueSoon } });
      expect((await store().load("account:17")).lock?.deadlineMs).toBeLessThan(nowMs + 3_600_000);
      await opened().clockReaches(laterMs + 3 * dueSoon);
      await until(async () => (await store().due(10)).length === 1, { what: "the deadline passes" });
    });

    it("are kept by a change that keeps them, with the owner or without", async () => {
      for (const owner of ["char-1", "char-2", null]) {
        await put({ deadline: { atMs: 1 }, owner: "char-1" });
        await put({ deadline: "keep", owner, value: "kept" });
        expect((await store().load("account:17")).lock).toMatchObject({ value: "kept", deadlineMs: 1 });
        expect(await store().due(10)).toEqual(["account:17"]);
      }
      await put({ deadline: "none" as const });
      await put({ deadline: "keep" });
      expect((await store().load("account:17")).lock?.deadlineMs).toBeNull();
      expect(await store().due(10)).toEqual([]);
    });

    it("decide whether a change is made that wants the lock due, or not due", async () => {
      const { nowMs } = await store().load("account:17");
      const laterMs = nowMs + 3_600_000;
      const cases = [
        { deadline: "none" as const, when: "due", isMade: false },
        { deadline: "none" as const, when: "not-due", isMade: true },
        { deadline: { atMs: 1 }, when: "due", isMade: true },
        { deadline: { atMs: nowMs }, when: "due", isMade: true },
        { deadline: { atMs: 1 }, when: "not-due", isMade: false },
        { deadline: { atMs: laterMs }, when: "due", isMade: false },
        { deadline: { atMs: laterMs }, when: "not-due", isMade: true },
      ] as const;
      for (const { deadline, when, isMade } of cases) {
        for (const value of ["after", null]) {
          const expectedVersion = await put({ value: "before", deadline, owner: "char-1" });
          const { lock: before } = await store().load("account:17");
          const change = { ...{ key: "account:17", expectedVersion, value, when }, owner: "char-2" };
          const changed = await store().compareAndSet({ ...change, deadline: "keep" });
          const { lock } = await store().load("account:17");
          if (isMade) expect([changed.ok, lock?.value ?? null]).toEqual([true, value]);
          else {
            expect(changed).toMatchObject({ ok: false, why: "time", current: before });
            expect(lock).toEqual(before);
            expect(await owned(store(), "char-2")).toEqual([]);
          }
        }
      }
    });

    it("do not matter to a change that expects another version", async () => {
      const version = await put({ deadline: { atMs: 1 } });
      const change = { key: "account:17", expectedVersion: version - 1, value: "late", owner: null };
      for (const when of ["due", "not-due"] as const)
        expect(await store().compareAndSet({ ...change, when, deadline: "none" as const })).toMatchObject({
          ok: false,
          why: "version",
        });
    });

    it("of a lock that does not exist have not passed", async () => {
      await put({ value: null });
      const change = {
        key: "account:17",
        expectedVersion: 0,
        value: "new",
        deadline: "none" as const,
        owner: null,
      } as const;
      expect(await store().compareAndSet({ ...change, when: "due" })).toMatchObject({
        ...{ ok: false, why: "time", current: null },
      });
      expect(await store().compareAndSet({ ...change, when: "not-due" })).toMatchObject({ ok: true });
    });

    it("of a deleted lock do not come back with the next lock of its key", async () => {
      await put({ deadline: { atMs: 1 } });
      await put({ value: null, deadline: { atMs: 1 } });
      await put({});
      expect(await store().due(10)).toEqual([]);
    });

    it("come earliest first within a shard", async () => {
      const keys = Array.from({ length: 60 }, (_, n) => `account:${n}`);
      const at = (key: string): number => (Number(key.slice(8)) * 37) % 60;
      await Promise.all(keys.map((key) => put({ key, deadline: { atMs: at(key) } })));
      const due = await store().due(100);
      expect([...due].sort()).toEqual([...keys].sort());
      for (const shard of new Set(keys.map(opened().shardOf))) {
        const times = due.filter((key) => opened().shardOf(key) === shard).map(at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
    });

    it("are returned as many as requested, from any shards", async () => {
      const candidates = Array.from({ length: 400 }, (_, n) => `account:${n}`);
      const crowded = candidates.filter((key) => opened().shardOf(key) === opened().shardOf("account:0"));
      const keys = [...crowded.slice(0, 20), ...candidates.slice(0, 10)];
      const count = new Set(keys).size;
      for (const key of keys) await put({ key, deadline: { atMs: 1 } });
      for (const limit of [1, 2, 7, count - 1, count, count + 1, 1_000]) {
        const due = await store().due(limit);
        expect(due).toHaveLength(Math.min(limit, count));
        expect(new Set(due).size).toBe(due.length);
      }
    });

    it("are all returned in time if each pass takes only one", async () => {
      const waiting = new Set(Array.from({ length: 40 }, (_, n) => `account:${n}`));
      for (const key of waiting) await put({ key, deadline: { atMs: 1 } });
      while (waiting.size > 0) {
        const [key] = await store().due(1);
        expect(waiting.delete(key ?? "none")).toBe(true);
        await put({ key: key ?? "", value: null });
      }
      expect(await store().due(1)).toEqual([]);
    });

    it("survive the process that set them", async () => {
      const { nowMs } = await store().load("account:17");
      const version = await put({ owner: "char-1", deadline: { atMs: nowMs + dueSoon } });
      await store().close();
      const later = await opened().reopen();
      await opened().clockReaches(nowMs + dueSoon);
      expect(await later.due(10)).toEqual(["account:17"]);
      expect((await later.load("account:17")).lock).toMatchObject({ version, value: "a" });
      expect(await owned(later, "char-1")).toEqual(["account:17"]);
    });
  });
}
