import { describe, expect, it } from "vitest";
import type { Change, LockStore } from "../src/index.ts";
import { type Opened, owned } from "./opened.ts";

/** The part of the contract that says when locks are due. */
export function deadlineContract(
  opened: () => Opened,
  /** Changes a lock, whatever version it has. The key is `account:17` unless another is given. */
  put: (change: Partial<Change>) => Promise<number>,
): void {
  const store = (): LockStore => opened().store;

  describe("deadlines", () => {
    const dueSoon = 5;

    it("are due when the store's clock reaches them, and not before", async () => {
      const { nowMs } = await store().load("account:17");
      await put({ deadlineMs: nowMs + 3_600_000 });
      await put({ key: "account:18", deadlineMs: nowMs + dueSoon });
      await opened().clockReaches(nowMs + dueSoon);
      expect(await store().due(10)).toEqual(["account:18"]);
    });

    it("stay due until the lock changes", async () => {
      await put({ deadlineMs: 1 });
      expect(await store().due(10)).toEqual(["account:17"]);
      expect(await store().due(10)).toEqual(["account:17"]);
    });

    it("end when a change removes or moves them, and with the lock", async () => {
      const { nowMs } = await store().load("account:17");
      for (const change of [{ deadlineMs: null }, { deadlineMs: nowMs + 3_600_000 }, { value: null }]) {
        await put({ deadlineMs: 1 });
        expect(await store().due(10)).toEqual(["account:17"]);
        await put(change);
        expect(await store().due(10)).toEqual([]);
      }
    });

    it("of a deleted lock do not come back with the next lock of its key", async () => {
      await put({ deadlineMs: 1 });
      await put({ value: null, deadlineMs: 1 });
      await put({});
      expect(await store().due(10)).toEqual([]);
    });

    it("come earliest first within a shard", async () => {
      const keys = Array.from({ length: 60 }, (_, n) => `account:${n}`);
      const at = (key: string): number => (Number(key.slice(8)) * 37) % 60;
      await Promise.all(keys.map((key) => put({ key, deadlineMs: at(key) })));
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
      for (const key of keys) await put({ key, deadlineMs: 1 });
      for (const limit of [1, 2, 7, count - 1, count, count + 1, 1_000]) {
        const due = await store().due(limit);
        expect(due).toHaveLength(Math.min(limit, count));
        expect(new Set(due).size).toBe(due.length);
      }
    });

    it("are all returned in time if each pass takes only one", async () => {
      const waiting = new Set(Array.from({ length: 40 }, (_, n) => `account:${n}`));
      for (const key of waiting) await put({ key, deadlineMs: 1 });
      while (waiting.size > 0) {
        const [key] = await store().due(1);
        expect(waiting.delete(key ?? "none")).toBe(true);
        await put({ key: key ?? "", value: null });
      }
      expect(await store().due(1)).toEqual([]);
    });

    it("survive the process that set them", async () => {
      const { nowMs } = await store().load("account:17");
      const version = await put({ owner: "char-1", deadlineMs: nowMs + dueSoon });
      await store().close();
      const later = await opened().reopen();
      await opened().clockReaches(nowMs + dueSoon);
      expect(await later.due(10)).toEqual(["account:17"]);
      expect((await later.load("account:17")).lock).toEqual({ version, value: "a" });
      expect(await owned(later, "char-1")).toEqual(["account:17"]);
    });
  });
}
