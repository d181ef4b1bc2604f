import { Unavailable } from "@sallyport/domain";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { KnownLocks, LockService, MemoryLockState, MemoryLockStore } from "../src/index.ts";
import { type Command, CountingStore, door, type Lock, type Refusal } from "./door.ts";

const [hold, visit] = [{ type: "hold", by: "ann" }, { type: "visit" }] as const;

describe("a lock service that knows locks", () => {
  let nowMs: number;
  let counted: CountingStore;
  let known: LockService<Lock, Command, string, Refusal>;
  /** Another process uses this service for the same locks. It reads each lock before it changes it. */
  let other: LockService<Lock, Command, string, Refusal>;

  beforeEach(() => {
    nowMs = 1_000;
    const state = new MemoryLockState();
    const store = () => new MemoryLockStore({ nowMs: () => nowMs, state });
    counted = new CountingStore(store());
    known = new LockService({ store: counted, core: door, known: new KnownLocks() });
    other = new LockService({ store: store(), core: door });
  });

  const callsOf = async (run: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = counted.calls.length;
    await run();
    return counted.calls.slice(before);
  };

  it("takes a free lock and changes it with one call for each change", async () => {
    const calls = await callsOf(async () => {
      for (const command of [hold, visit, visit, { type: "release", by: "ann" }, hold] as const)
        expect(await known.apply("door:1", command)).toMatchObject({ ok: true });
    });
    expect(calls).toEqual(Array.from({ length: 5 }, () => "compareAndSet"));
  });

  it("decides again with the lock of a mismatch, if it guessed wrong or another process was there", async () => {
    await other.apply("door:1", hold);
    const guessed = await callsOf(() => known.apply("door:1", visit));
    expect(guessed).toEqual(["load", "compareAndSet"]);
    await other.apply("door:1", visit);
    const outdated = await callsOf(() => known.apply("door:1", visit));
    expect(outdated).toEqual(["compareAndSet", "compareAndSet"]);
    expect((await other.read("door:1")).lock).toMatchObject({ by: "ann", visits: 3 });
    await other.apply("door:2", { type: "hold", by: "bob" });
    const refused = await callsOf(async () =>
      expect(await known.apply("door:2", hold)).toMatchObject({
        refusal: "held-elsewhere",
        lock: { by: "bob" },
      }),
    );
    expect(refused).toEqual(["compareAndSet"]);
  });

  it("reads before it refuses, and refuses what the store has", async () => {
    const free = await callsOf(async () =>
      expect(await known.apply("door:1", visit)).toMatchObject({ ok: false, refusal: "not-held", nowMs }),
    );
    expect(free).toEqual(["load"]);
    await known.apply("door:1", hold);
    await other.apply("door:1", { type: "release", by: "ann" });
    const bob = { type: "hold", by: "bob" } as const;
    const outdated = await callsOf(async () =>
      expect(await known.apply("door:1", bob)).toMatchObject({ ok: true, lock: { by: "bob" } }),
    );
    expect(outdated).toEqual(["load", "compareAndSet"]);
  });

  it("reads before it says that nothing has to change", async () => {
    await known.apply("door:1", hold);
    await other.apply("door:1", visit);
    const calls = await callsOf(async () =>
      expect(await known.apply("door:1", { type: "look" })).toMatchObject({ ok: true, lock: { visits: 1 } }),
    );
    expect(calls).toEqual(["load"]);
    const free = await callsOf(() => known.apply("door:2", { type: "expire" }));
    expect(free).toEqual(["load"]);
  });

  it("does not read for a refusal that the store itself gave because of the time", async () => {
    await known.apply("door:1", hold);
    nowMs = 1_050;
    const early = await callsOf(async () =>
      expect(await known.apply("door:1", { type: "expire" })).toEqual({
        ...{ ok: false, refusal: "not-yet", nowMs },
        lock: { state: "held", by: "ann", visits: 0 },
      }),
    );
    expect(early).toEqual(["compareAndSet"]);
  });

  it("reads first after the store gave no answer", async () => {
    await known.apply("door:1", hold);
    counted.beforeChange = async () => {
      throw new Unavailable("away");
    };
    await expect(known.apply("door:1", visit)).rejects.toThrow(Unavailable);
    counted.beforeChange = async () => {};
    expect(await callsOf(() => known.apply("door:1", visit))).toEqual(["load", "compareAndSet"]);
    expect(await callsOf(() => known.apply("door:1", visit))).toEqual(["compareAndSet"]);
  });

  it("does not use a copy from an earlier generation of the store", async () => {
    counted.generation = "first";
    await known.apply("door:1", hold);
    counted.generation = "second";
    expect(await callsOf(() => known.apply("door:1", visit))).toEqual(["load", "compareAndSet"]);
    expect(counted.changedIn).toEqual(["first", "second"]);
  });

  it("guesses only in the generation at the moment of the call", async () => {
    counted.generation = "first";
    const applying = known.apply("door:1", hold);
    counted.generation = "second";
    await applying;
    expect(counted.changedIn).toEqual(["first"]);
  });

  it("learns from a read", async () => {
    await other.apply("door:1", hold);
    await known.read("door:1");
    expect(await callsOf(() => known.apply("door:1", visit))).toEqual(["compareAndSet"]);
  });

  it("shares what it knows with a service that has other rules", async () => {
    const locks = new KnownLocks<Lock>();
    const one = new LockService({ store: counted, core: door, known: locks });
    const two = new LockService({ store: counted, core: door, known: locks });
    await one.apply("door:1", hold);
    expect(await callsOf(() => two.apply("door:1", visit))).toEqual(["compareAndSet"]);
  });

  it("decides like a service that always reads, whatever other processes do meanwhile", async () => {
    const command = fc.oneof(
      fc.constantFrom<Command>({ type: "visit" }, { type: "look" }, { type: "renew" }, { type: "expire" }),
      fc.constantFrom("ann", "bob").map((by): Command => ({ type: "hold", by })),
      fc.constantFrom("ann", "bob").map((by): Command => ({ type: "release", by })),
    );
    const step = fc.record({
      by: fc.constantFrom("known", "known", "other", "lost"),
      key: fc.constantFrom("door:1", "door:2"),
      command,
      passMs: fc.constantFrom(0, 0, 99, 100),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
        let atMs = 0;
        const [state, modelState] = [new MemoryLockState(), new MemoryLockState()];
        const store = new CountingStore(new MemoryLockStore({ nowMs: () => atMs, state }));
        const model = new LockService({
          store: new MemoryLockStore({ nowMs: () => atMs, state: modelState }),
          core: door,
        });
        const services = {
          known: new LockService({ store, core: door, known: new KnownLocks() }),
          other: new LockService({ store: new MemoryLockStore({ nowMs: () => atMs, state }), core: door }),
        };
        for (const { by, key, command, passMs } of steps) {
          atMs += passMs;
          const expected = await model.apply(key, command);
          if (by === "lost") {
            // The store makes the change, but the answer is lost.
            store.losesAnswers = true;
            await services.known
              .apply(key, command)
              .catch((error) => expect(error).toBeInstanceOf(Unavailable));
            store.losesAnswers = false;
          } else expect(await services[by].apply(key, command)).toEqual(expected);
          for (const each of ["door:1", "door:2"])
            expect((await services.other.read(each)).lock).toEqual((await model.read(each)).lock);
        }
      }),
      { numRuns: 300 },
    );
  });
});
