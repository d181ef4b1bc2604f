import { inspect } from "node:util";
import { Unavailable } from "@sallyport/domain";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  Contended,
  LockService,
  type LockStore,
  MemoryLockState,
  MemoryLockStore,
  sweepDue,
} from "../src/index.ts";
import { type Command, CountingStore, door, type Lock, type Refusal } from "./door.ts";

describe("lock service", () => {
  let nowMs: number;
  let state: MemoryLockState;
  let store: MemoryLockStore;
  let doors: LockService<Lock, Command, string, Refusal>;

  beforeEach(() => {
    nowMs = 1_000;
    state = new MemoryLockState();
    store = new MemoryLockStore({ nowMs: () => nowMs, state });
    doors = new LockService({ store, core: door });
  });

  it("reads a missing lock as the initial one", async () => {
    expect(await doors.read("door:1")).toEqual({ lock: { state: "free" }, nowMs: 1_000, isRestoring: false });
  });

  it("applies the decision at the store's time, with its deadline and its owner", async () => {
    const held = { state: "held", by: "ann", visits: 0 };
    expect(await doors.apply("door:1", { type: "hold", by: "ann" })).toEqual({
      ok: true,
      before: { state: "free" },
      lock: held,
      effects: ["held ann"],
    });
    expect(await doors.read("door:1")).toEqual({ lock: held, nowMs: 1_000, isRestoring: false });
    expect((await store.ownedBy("ann", null, 10)).keys).toEqual(["door:1"]);
    nowMs = 1_100;
    expect(await store.due(10)).toEqual(["door:1"]);
  });

  it("returns a refusal with the lock that caused it, and writes nothing", async () => {
    await doors.apply("door:1", { type: "hold", by: "ann" });
    const writes = state.lastVersion;
    expect(await doors.apply("door:1", { type: "hold", by: "bob" })).toEqual({
      ok: false,
      refusal: "held-elsewhere",
      lock: { state: "held", by: "ann", visits: 0 },
      nowMs: 1_000,
    });
    expect(state.lastVersion).toBe(writes);
  });

  it("writes a change of the deadline alone, and keeps the deadline in other changes", async () => {
    await doors.apply("door:1", { type: "hold", by: "ann" });
    nowMs = 1_099;
    await doors.apply("door:1", { type: "renew" });
    await doors.apply("door:1", { type: "visit" });
    nowMs = 1_198;
    expect(await store.due(10)).toEqual([]);
    nowMs = 1_199;
    expect(await store.due(10)).toEqual(["door:1"]);
  });

  it("refuses a change at the wrong time, as the store's clock says when it is made", async () => {
    await doors.apply("door:1", { type: "hold", by: "ann" });
    nowMs = 1_099;
    const early = { ok: false, refusal: "not-yet", lock: { state: "held", by: "ann", visits: 0 }, nowMs };
    expect(await doors.apply("door:1", { type: "expire" })).toEqual(early);
    nowMs = 1_100;
    expect(await doors.apply("door:1", { type: "expire" })).toMatchObject({ ok: true, effects: ["expired"] });
  });

  it("stores no initial lock", async () => {
    await doors.apply("door:1", { type: "hold", by: "ann" });
    await doors.apply("door:1", { type: "release", by: "ann" });
    expect(state.locks.size).toBe(0);
    expect(state.deadlines.size).toBe(0);
  });

  it("writes nothing when nothing changes", async () => {
    const counted = new CountingStore(store);
    const service = new LockService({ store: counted, core: door });
    expect(await service.apply("door:1", { type: "look" })).toMatchObject({ ok: true, effects: ["looked"] });
    expect(await service.apply("door:1", { type: "expire" })).toMatchObject({ ok: true });
    expect(counted.calls).toEqual(["load", "load"]);
    await doors.apply("door:1", { type: "hold", by: "ann" });
    expect(await service.apply("door:1", { type: "look" })).toMatchObject({ ok: true, effects: ["looked"] });
    expect(counted.calls).toEqual(["load", "load", "load"]);
  });

  describe("after another change came first", () => {
    const heldByBob = { state: "held", by: "bob", visits: 0 } as const;

    it("decides again with the lock and the time of the mismatch, without another load", async () => {
      const counted = new CountingStore(store);
      counted.beforeChange = async () => {
        counted.beforeChange = async () => {};
        nowMs = 2_000;
        await doors.apply("door:1", { type: "hold", by: "bob" });
      };
      const service = new LockService({ store: counted, core: door });
      expect(await service.apply("door:1", { type: "hold", by: "ann" })).toEqual({
        ok: false,
        refusal: "held-elsewhere",
        lock: heldByBob,
        nowMs: 2_000,
      });
      expect(counted.calls).toEqual(["load", "compareAndSet"]);
    });

    it("still changes the lock only if the store has lost nothing since the read", async () => {
      const counted = new CountingStore(store);
      counted.generation = "first";
      counted.beforeChange = async () => {
        counted.beforeChange = async () => {};
        counted.generation = "second";
        await doors.apply("door:1", { type: "hold", by: "bob" });
        await doors.apply("door:1", { type: "visit" });
      };
      const service = new LockService({ store: counted, core: door });
      await service.apply("door:1", { type: "hold", by: "ann" });
      await service.apply("door:1", { type: "visit" });
      expect(counted.changedIn).toEqual(["first", "second"]);
    });

    it("gives up as unavailable after a bounded number of attempts", async () => {
      await doors.apply("door:1", { type: "hold", by: "ann" });
      const counted = new CountingStore(store);
      counted.beforeChange = async () => void (await doors.apply("door:1", { type: "visit" }));
      const service = new LockService({ store: counted, core: door, attemptsMax: 3 });
      const refused = service.apply("door:1", { type: "release", by: "ann" });
      await expect(refused).rejects.toThrow(Contended);
      await expect(refused).rejects.toThrow(Unavailable);
      expect(counted.calls).toEqual(["load", "compareAndSet", "compareAndSet", "compareAndSet"]);
      expect((await doors.read("door:1")).lock).toMatchObject({ by: "ann", visits: 3 });
    });

    it("gives the lock to one of a hundred and refuses the others", async () => {
      const names = Array.from({ length: 100 }, (_, n) => `client-${n}`);
      const answers = await Promise.all(names.map((by) => doors.apply("door:1", { type: "hold", by })));
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect(answers.filter((answer) => !answer.ok && answer.refusal === "held-elsewhere")).toHaveLength(99);
    });

    it("loses none of a hundred simultaneous changes", async () => {
      await doors.apply("door:1", { type: "hold", by: "ann" });
      await Promise.all(Array.from({ length: 100 }, () => doors.apply("door:1", { type: "visit" })));
      expect((await doors.read("door:1")).lock).toMatchObject({ visits: 100 });
    });

    it("loses no change under any order of the steps", async () => {
      const command = fc.constantFrom<Command>({ type: "visit" }, { type: "visit" }, { type: "look" });
      const programs = fc.array(fc.array(command, { maxLength: 3 }), { minLength: 1, maxLength: 6 });
      let races = 0;
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), programs, async (scheduler, programs) => {
          const shared = new MemoryLockStore({ nowMs: () => 0 });
          const steps: LockStore = {
            losses: shared.losses,
            generationOf: () => shared.generationOf(),
            load: scheduler.scheduleFunction((key: string) => shared.load(key)),
            compareAndSet: scheduler.scheduleFunction(async (change) => {
              const changed = await shared.compareAndSet(change);
              if (!changed.ok) races += 1;
              return changed;
            }),
            due: (limit) => shared.due(limit),
            ownedBy: (owner, cursor, limit) => shared.ownedBy(owner, cursor, limit),
            close: () => shared.close(),
          };
          const service = new LockService({ store: steps, core: door });
          const plain = new LockService({ store: shared, core: door });
          await plain.apply("door:1", { type: "hold", by: "ann" });
          const all = Promise.all(
            programs.map(async (program) => {
              for (const command of program) await service.apply("door:1", command);
            }),
          );
          await scheduler.waitFor(all);
          const visits = programs.flat().filter(({ type }) => type === "visit").length;
          expect((await plain.read("door:1")).lock).toMatchObject({ visits });
        }),
      );
      expect(races).toBeGreaterThan(0);
    });
  });

  it("passes on a failure of the store, at any step", async () => {
    const counted = new CountingStore(store);
    const service = new LockService({ store: counted, core: door });
    counted.beforeChange = async () => {
      throw new Unavailable("away");
    };
    await expect(service.apply("door:1", { type: "hold", by: "ann" })).rejects.toThrow(Unavailable);
    await store.close();
    await expect(service.apply("door:1", { type: "hold", by: "ann" })).rejects.toThrow(Unavailable);
  });

  it.each(["{oops", "null", "5", "{}"])(
    "is unavailable for a lock whose value is %s, and names it",
    async (value) => {
      const odd = { key: "door:1", expectedVersion: 0, value, deadline: "none" as const, owner: null };
      await store.compareAndSet(odd);
      for (const asked of [doors.read("door:1"), doors.apply("door:1", { type: "look" })]) {
        await expect(asked).rejects.toThrow(Unavailable);
        await expect(asked).rejects.toThrow("the value of lock door:1 is no");
      }
      expect((await doors.apply("door:2", { type: "hold", by: "ann" })).ok).toBe(true);
    },
  );

  it("does not show such a value, since it may contain login ids", async () => {
    const odd = {
      key: "door:1",
      expectedVersion: 0,
      value: '{"id": 314159x}',
      deadline: "none" as const,
      owner: null,
    };
    await store.compareAndSet(odd);
    const error: unknown = await doors.read("door:1").catch((why: unknown) => why);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error)).not.toContain("314159");
  });

  it("expires a lock by a sweep once its deadline is due, and not before", async () => {
    await doors.apply("door:1", { type: "hold", by: "ann" });
    const effects: string[] = [];
    const sweep = () =>
      sweepDue({
        store,
        limit: 10,
        expire: async (key) => {
          const applied = await doors.apply(key, { type: "expire" });
          if (applied.ok) effects.push(...applied.effects);
        },
        onError: (_, error) => expect.unreachable(String(error)),
      });
    expect(await sweep()).toEqual({ due: 0, failed: 0 });
    nowMs = 1_100;
    expect(await Promise.all([sweep(), sweep()])).toEqual([
      { due: 1, failed: 0 },
      { due: 1, failed: 0 },
    ]);
    expect(effects).toEqual(["expired"]);
    expect(await sweep()).toEqual({ due: 0, failed: 0 });
  });
});
