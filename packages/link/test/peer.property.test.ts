import fc from "fast-check";
import { expect, test } from "vitest";
import { Peer } from "../src/index.ts";
import { type Answering, type Asking, answering, asking } from "./tables.ts";

const options = {
  limits: { receiveBytesMax: 1_024, sendBytesMax: 1_024, requestsHeldMax: 1_000 },
  heartbeat: { pingMs: 1_000, suspectMs: 3_000, downMs: 8_000 },
};

type Step =
  | { readonly do: "ask"; readonly ttlMs: number }
  | { readonly do: "tell" }
  /** Carries chunks in order. Some chunks arrive twice, as on a link that sends again. */
  | { readonly do: "carry"; readonly to: "asker" | "keeper"; readonly count: number; readonly twice: boolean }
  | { readonly do: "answer"; readonly pick: number; readonly refuse: boolean }
  | { readonly do: "wait"; readonly ms: number };

const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ask"), ttlMs: fc.nat(2_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tell") }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("carry"),
      to: fc.constantFrom("asker", "keeper"),
      count: fc.integer({ min: 1, max: 4 }),
      twice: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("answer"), pick: fc.nat(), refuse: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.nat(900) }) },
) as fc.Arbitrary<Step>;

/** Two peers, the bytes on their way between them, and the outcome of each request. */
class Pair {
  readonly asker: Peer<Asking, Answering>;
  readonly keeper = new Peer<Answering, Asking>(answering, asking, options, 0);
  readonly deadlines = new Map<number, number>();
  readonly endings = new Map<number, string[]>();
  readonly acted = new Map<number, number>();
  readonly held: number[] = [];
  readonly #toKeeper: Uint8Array[] = [];
  readonly #toAsker: Uint8Array[] = [];
  nowMs = 0;

  constructor(firstRequestId: number) {
    this.asker = new Peer(asking, answering, { ...options, firstRequestId }, 0);
  }

  take(step: Step): void {
    switch (step.do) {
      case "ask": {
        const requestId = this.asker.request({ type: "gate.open", gate: 1 }, this.nowMs, step.ttlMs);
        this.deadlines.set(requestId, this.nowMs + step.ttlMs);
        this.endings.set(requestId, []);
        break;
      }
      case "tell":
        this.asker.notify({ type: "gate.seen", gate: 1 }, this.nowMs);
        break;
      case "carry":
        this.#collect();
        for (let count = 0; count < step.count; count += 1) this.#carry(step.to, step.twice);
        break;
      case "answer":
        this.#answer(step.pick, step.refuse);
        break;
      case "wait":
        this.nowMs += step.ms;
        for (const event of this.asker.tick(this.nowMs)) this.#hear(event);
        this.keeper.tick(this.nowMs);
        break;
    }
  }

  #collect(): void {
    this.#toKeeper.push(...this.asker.takeOutput());
    this.#toAsker.push(...this.keeper.takeOutput());
  }

  #carry(to: "asker" | "keeper", twice: boolean): void {
    const bytes = (to === "asker" ? this.#toAsker : this.#toKeeper).shift();
    for (let times = twice ? 2 : 1; times > 0 && bytes !== undefined; times -= 1) {
      if (to === "asker") {
        for (const event of this.asker.receive(bytes, this.nowMs)) this.#hear(event);
        continue;
      }
      for (const event of this.keeper.receive(bytes, this.nowMs)) {
        if (event.type !== "request") continue;
        this.acted.set(event.requestId, (this.acted.get(event.requestId) ?? 0) + 1);
        this.held.push(event.requestId);
      }
    }
  }

  #answer(pick: number, refuse: boolean): void {
    if (this.held.length === 0) return;
    const [requestId = 0] = this.held.splice(pick % this.held.length, 1);
    const value = { opened: requestId & 0xffff };
    if (refuse) this.keeper.answer(requestId, { ok: false, refusal: "busy", retryAfterMs: null }, this.nowMs);
    else this.keeper.answer(requestId, { ok: true, value }, this.nowMs);
  }

  #hear(event: ReturnType<Peer<Asking, Answering>["tick"]>[number]): void {
    if (event.type !== "answered" && event.type !== "unanswered") return;
    const endings = this.endings.get(event.requestId);
    if (endings === undefined) throw new Error("an ending of what was never asked");
    endings.push(event.type);
    if (event.type === "unanswered") {
      expect(this.nowMs).toBeGreaterThanOrEqual(this.deadlines.get(event.requestId) ?? Number.NaN);
    } else if (event.answer.ok) {
      // Each answer must belong to its own request, whatever the order of the messages is.
      expect(event.answer.value).toEqual({ opened: event.requestId & 0xffff });
    }
  }
}

/** `size` makes the programs longer. In short programs almost no request is answered. */
const programs = fc.array(arbitraryStep, { maxLength: 80, size: "max" });

test("each request ends in exactly one event, and is acted on at most once, in any order of messages", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(programs, fc.nat(20), (steps, idsLeft) => {
      const pair = new Pair(idsLeft === 0 ? 1 : 2 ** 32 - idsLeft);
      for (const step of steps) pair.take(step);
      pair.take({ do: "wait", ms: 3_000 });
      for (const [requestId, endings] of pair.endings) {
        expect(endings, `request ${requestId}`).toHaveLength(1);
        seen.add(endings[0] ?? "");
      }
      for (const times of pair.acted.values()) expect(times).toBe(1);
    }),
    { numRuns: 500 },
  );
  // A run in which all requests end in the same way would prove nothing.
  expect(seen).toEqual(new Set(["answered", "unanswered"]));
});
