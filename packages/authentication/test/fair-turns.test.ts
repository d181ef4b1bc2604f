import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FairTurns, type FairTurnsOptions, type Turn } from "../src/fair-turns.ts";

const turnsWith = (options: Partial<FairTurnsOptions> = {}) =>
  new FairTurns({ atOnce: 1, waitingMax: 100, waitingPerSourceMax: 100, ...options });

interface Told {
  /** Callers that got a turn are listed here by name, in the order of their turns. */
  readonly served: string[];
  /** Each other caller is listed here by name, with its answer. */
  readonly others: { [name: string]: Turn };
}

const nothing = (): Told => ({ served: [], others: {} });

/** Asks for a turn. The first letter of the name stands for the source of the request. */
function ask(turns: FairTurns, told: Told, name: string, signal?: AbortSignal): void {
  const [source = ""] = name;
  void turns.take(source, signal).then((turn) => {
    if (turn === "turn") told.served.push(name);
    else told.others[name] = turn;
  });
}

async function serveAll(turns: FairTurns): Promise<void> {
  while (turns.running > 0) {
    turns.give();
    await Promise.resolve();
  }
  await new Promise((resolve) => setImmediate(resolve));
}

describe("fair turns", () => {
  test("rotate through the sources, so that a source that floods waits behind itself", async () => {
    const turns = turnsWith();
    const told = nothing();
    for (const name of ["a1", "a2", "a3", "a4", "b1", "b2", "c1"]) ask(turns, told, name);
    await serveAll(turns);
    expect(told).toEqual({ served: ["a1", "a2", "b1", "c1", "a3", "b2", "a4"], others: {} });
  });

  test("are refused to a source whose queue is full, and to no other", async () => {
    const turns = turnsWith({ waitingPerSourceMax: 2 });
    const told = nothing();
    for (const name of ["a1", "a2", "a3", "a4", "b1"]) ask(turns, told, name);
    await serveAll(turns);
    expect(told).toEqual({ served: ["a1", "a2", "b1", "a3"], others: { a4: "busy" } });
  });

  test("take the last place of the longest queue for a new source if all places are taken", async () => {
    const turns = turnsWith({ waitingMax: 4 });
    const told = nothing();
    for (const name of ["a1", "a2", "a3", "a4", "b1", "c1", "b2"]) ask(turns, told, name);
    expect(turns.waiting).toBe(4);
    await serveAll(turns);
    // If `b2` could wait, the queue of b would be as long as the queue of a. So `b2` is refused.
    expect(told).toEqual({ served: ["a1", "a2", "b1", "c1", "a3"], others: { a4: "busy", b2: "busy" } });
  });

  test("skip a client that has left, and free its place at once", async () => {
    const turns = turnsWith({ waitingMax: 1 });
    const told = nothing();
    const left = new AbortController();
    ask(turns, told, "a1");
    ask(turns, told, "a2", left.signal);
    left.abort();
    expect(turns.waiting).toBe(0);
    ask(turns, told, "a3", left.signal);
    ask(turns, told, "a4");
    await serveAll(turns);
    expect(told).toEqual({ served: ["a1", "a4"], others: { a2: "gone", a3: "gone" } });
  });

  test("know how many come before a new client", () => {
    const turns = turnsWith({ atOnce: 2 });
    const told = nothing();
    for (const name of ["a1", "a2", "a3", "a4", "a5", "b1"]) ask(turns, told, name);
    // `a1` and `a2` run now. A new client of c waits for these two, `a3` and `b1`. A new client of a waits
    // for all.
    expect([turns.turnsAhead("c"), turns.turnsAhead("a")]).toEqual([4, 6]);
  });
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ take: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.constant({ give: true }) },
  { weight: 1, arbitrary: fc.record({ leave: fc.nat(30) }) },
);

test("never more run or wait than allowed, and each client gets an answer", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const options = { atOnce: 2, waitingMax: 5, waitingPerSourceMax: 3 };
      const turns = new FairTurns(options);
      const answers: Promise<Turn>[] = [];
      const askers: AbortController[] = [];
      let taken = 0;
      let given = 0;
      for (const each of steps) {
        if ("take" in each) {
          const asker = new AbortController();
          askers.push(asker);
          const answer = turns.take(String(each.take), asker.signal);
          answers.push(answer);
          void answer.then((turn) => {
            if (turn === "turn") taken += 1;
          });
        } else if ("give" in each) {
          await Promise.resolve();
          if (taken > given) {
            given += 1;
            turns.give();
          }
        } else {
          askers[each.leave]?.abort();
        }
        expect(turns.running).toBeLessThanOrEqual(options.atOnce);
        expect(turns.waiting).toBeLessThanOrEqual(options.waitingMax);
        // Nobody waits while a turn is free.
        if (turns.running < options.atOnce) expect(turns.waiting).toBe(0);
      }
      while (turns.running > 0) turns.give();
      await Promise.all(answers);
      expect(turns.waiting).toBe(0);
    }),
  );
});
