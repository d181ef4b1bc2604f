import { describe, expect, test } from "vitest";
import { decideServerLink, type LinkEvent, type ServerLinkState, unlinked, waitMsFor } from "../src/index.ts";

const reconnectMs = 20_000;
const cookie = new Uint8Array([1]);

/** Drives a link through its states, and records when its server lost its locks. */
class Driven {
  state: ServerLinkState = unlinked;
  everyMs = 0;
  readonly lost: number[] = [];

  feed(nowMs: number, ...events: readonly LinkEvent[]): void {
    for (const event of events) {
      const decision = decideServerLink(this.state, event, { nowMs });
      if (!decision.ok) continue;
      this.state = decision.next;
      for (const effect of decision.effects) {
        if (effect.type === "lost") this.lost.push(nowMs);
        if (effect.type === "keep-alive") this.everyMs = effect.everyMs;
      }
    }
  }

  /** Links as a new server, which sends its request for admission at `askedMs`. */
  link(askedMs: number, waitMs = reconnectMs): void {
    this.feed(askedMs, { type: "begin", cookie: null });
    this.#admit(1, askedMs, waitMs);
  }

  linkAgain(attempt: number, askedMs: number): void {
    this.feed(askedMs, { type: "closed", attempt: attempt - 1, why: "" });
    this.feed(askedMs, { type: "try-again", attempt: attempt - 1 });
    this.#admit(attempt, askedMs, reconnectMs);
  }

  #admit(attempt: number, askedMs: number, waitMs: number): void {
    this.feed(
      askedMs,
      { type: "connected", attempt },
      { type: "admitted", attempt, cookie, askedMs, reconnectMs: waitMs },
      { type: "stored", attempt },
      { type: "ready", attempt },
    );
  }

  /** Sends questions from `fromMs` until `toMs`. A question is answered at once if `isAnswered` says so. */
  ask(fromMs: number, toMs: number, isAnswered: (askedMs: number) => boolean): void {
    for (let askedMs = fromMs; askedMs < toMs; askedMs += this.everyMs) {
      this.feed(askedMs, { type: "expire" });
      if (isAnswered(askedMs)) this.feed(askedMs, { type: "alive", attempt: 1, askedMs });
    }
  }

  /** Returns true if the server still owns its locks at this time. */
  isHolding(nowMs: number): boolean {
    this.feed(nowMs, { type: "expire" });
    return "hold" in this.state;
  }
}

describe("the hold over a lost link", () => {
  test("lasts until a little before the other end may give the locks away, and ends once", () => {
    const link = new Driven();
    link.link(0);
    expect([link.isHolding(19_599), link.lost]).toEqual([true, []]);
    expect([link.isHolding(19_600), link.lost]).toEqual([false, [19_600]]);
    link.feed(60_000, { type: "expire" });
    expect(link.lost).toHaveLength(1);
  });

  test("lasts as long as requests are answered", () => {
    const link = new Driven();
    link.link(0);
    link.ask(0, 120_000, () => true);
    expect([link.isHolding(120_000), link.lost]).toEqual([true, []]);
  });

  test("is counted from the sending of the last answered request, and not from its answer", () => {
    const link = new Driven();
    link.link(0);
    link.ask(0, 5_000, () => true);
    // A request of 5 s is answered at 18 s. The other end may have been gone since 5 s.
    link.feed(18_000, { type: "alive", attempt: 1, askedMs: 5_000 });
    expect([link.isHolding(24_599), link.lost]).toEqual([true, []]);
    expect([link.isHolding(24_600), link.lost]).toEqual([false, [24_600]]);
  });

  test("is not shortened by an answer that is overtaken by a later one", () => {
    const link = new Driven();
    link.link(0);
    for (const askedMs of [5_000, 4_000]) link.feed(6_000, { type: "alive", attempt: 1, askedMs });
    expect(link.isHolding(24_599)).toBe(true);
  });

  test("is not extended by requests without an answer", () => {
    const link = new Driven();
    link.link(0);
    link.ask(0, 30_000, () => false);
    expect(link.lost).toEqual([19_750]);
  });

  test.each([300, 1_500, 15_000, 60_000])(
    "lasts through a freeze of %i ms at any moment, with time to link again",
    (awayMs) => {
      for (let moment = 0; moment < 1; moment += 0.04) {
        const link = new Driven();
        link.link(0, waitMsFor(awayMs));
        // The answer to a request is lost if the process freezes before the answer arrives.
        const frozenMs = 5_000 + moment * 300;
        link.ask(0, frozenMs, (askedMs) => askedMs + link.everyMs < frozenMs);
        const relinkedMs = frozenMs + awayMs + Math.min(1_000, awayMs * 0.2) - 1;
        expect([link.isHolding(relinkedMs), link.lost]).toEqual([true, []]);
      }
    },
  );

  test("starts again at the next admission, and older answers do not extend it", () => {
    const link = new Driven();
    link.link(0);
    expect(link.isHolding(30_000)).toBe(false);
    link.linkAgain(2, 30_000);
    link.feed(40_000, { type: "alive", attempt: 1, askedMs: 35_000 });
    expect([link.isHolding(49_599), link.isHolding(49_600)]).toEqual([true, false]);
    expect(link.lost).toEqual([30_000, 49_600]);
  });

  test("causes no loss after the locks were released", () => {
    const link = new Driven();
    link.link(0);
    link.feed(1_000, { type: "stop", how: "release" });
    expect([link.isHolding(60_000), link.lost]).toEqual([false, []]);
  });
});
