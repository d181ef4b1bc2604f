import { encodeFrame, WireError } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { type Heartbeat, Peer, type PeerLimits } from "../src/index.ts";
import { type Answering, type Asking, answering, asking } from "./tables.ts";

const heartbeat: Heartbeat = { pingMs: 1_000, suspectMs: 3_000, downMs: 8_000 };
const limits: PeerLimits = { receiveBytesMax: 1_024, sendBytesMax: 1_024, requestsHeldMax: 3 };

/** With this first id, the request ids of an end soon start again at 1. */
const nearTheEnd = { limits, heartbeat, firstRequestId: 0xffff_fffe };

const newAsker = (): Peer<Asking, Answering> => new Peer(asking, answering, { limits, heartbeat }, 0);
const newKeeper = (): Peer<Answering, Asking> => new Peer(answering, asking, { limits, heartbeat }, 0);

/** Carries the output of one end to the other end. */
function tell(
  from: Peer<never, never>,
  to: { receive: (bytes: Uint8Array, nowMs: number) => unknown[] },
  nowMs = 0,
) {
  return from.takeOutput().flatMap((bytes) => to.receive(bytes, nowMs));
}
const toKeeper = (asker: Peer<Asking, Answering>, keeper: Peer<Answering, Asking>, nowMs = 0) =>
  tell(asker as never, keeper, nowMs);
const toAsker = (keeper: Peer<Answering, Asking>, asker: Peer<Asking, Answering>, nowMs = 0) =>
  tell(keeper as never, asker, nowMs);

const openGate = { type: "gate.open", gate: 7 } as const;

describe("a request", () => {
  test("arrives with its id and its deadline, and its answer comes back under that id", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    const requestId = asker.request(openGate, 0, 500);
    expect(toKeeper(asker, keeper, 20)).toEqual([
      { type: "request", requestId, message: openGate, expiresMs: 520 },
    ]);
    expect(keeper.requestsHeld).toBe(1);

    keeper.answer(requestId, { ok: true, value: { opened: 7 } }, 30);
    expect(keeper.requestsHeld).toBe(0);
    expect(toAsker(keeper, asker, 40)).toEqual([
      { type: "answered", requestId, answer: { ok: true, value: { opened: 7 } } },
    ]);
    expect(asker.tick(10_000).filter(({ type }) => type === "unanswered")).toEqual([]);
  });

  test("refused comes back with when to try again", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    const requestId = asker.request(openGate, 0, 500);
    toKeeper(asker, keeper);
    keeper.answer(requestId, { ok: false, refusal: "busy", retryAfterMs: 250 }, 0);
    expect(toAsker(keeper, asker)).toEqual([
      { type: "answered", requestId, answer: { ok: false, refusal: "busy", retryAfterMs: 250 } },
    ]);
  });

  test("is unanswered when its time is up, not before, and only once", () => {
    const asker = newAsker();
    const requestId = asker.request(openGate, 100, 500);
    expect(asker.tick(599)).toEqual([]);
    expect(asker.tick(600)).toEqual([{ type: "unanswered", requestId }]);
    expect(asker.tick(601)).toEqual([]);
  });

  test("answered after its time causes no second event", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    const requestId = asker.request(openGate, 0, 500);
    toKeeper(asker, keeper);
    asker.tick(500);
    keeper.answer(requestId, { ok: true, value: { opened: 7 } }, 501);
    expect(toAsker(keeper, asker, 502)).toEqual([]);
  });

  test("leaves in one piece with all that was sent before it", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    asker.notify({ type: "gate.seen", gate: 1 }, 0);
    asker.request(openGate, 0, 500);
    const output = asker.takeOutput();
    expect(output).toHaveLength(1);
    const heard = output.flatMap((bytes) => keeper.receive(bytes, 0));
    expect(heard.map(({ type }) => type)).toEqual(["notice", "request"]);
  });

  test("that arrives twice is acted on once", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    asker.request(openGate, 0, 500);
    const [bytes = new Uint8Array(0)] = asker.takeOutput();
    expect(keeper.receive(bytes, 0)).toHaveLength(1);
    expect(keeper.receive(bytes, 0)).toEqual([]);
    expect(keeper.requestsHeld).toBe(1);
  });

  test("whose answer arrives twice is answered once", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    const requestId = asker.request(openGate, 0, 500);
    toKeeper(asker, keeper);
    keeper.answer(requestId, { ok: true, value: { opened: 7 } }, 0);
    const [bytes = new Uint8Array(0)] = keeper.takeOutput();
    expect(asker.receive(bytes, 0)).toHaveLength(1);
    expect(asker.receive(bytes, 0)).toEqual([]);
  });

  test("cannot be answered twice, or without being asked", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    const requestId = asker.request(openGate, 0, 500);
    toKeeper(asker, keeper);
    const answer = { ok: true, value: { opened: 7 } } as const;
    keeper.answer(requestId, answer, 0);
    expect(() => keeper.answer(requestId, answer, 0)).toThrow("not waiting for an answer");
    expect(() => keeper.answer(99, answer, 0)).toThrow("not waiting for an answer");
  });

  test("too long to send is a bug here, and leaves nothing behind", () => {
    const asker = newAsker();
    const paint = { type: "gate.paint", paint: new Uint8Array(limits.sendBytesMax) } as const;
    expect(() => asker.request(paint, 0, 500)).toThrow("longer than a frame may be");
    expect(asker.takeOutput()).toEqual([]);
    expect(asker.tick(500)).toEqual([]);
    expect(asker.request(openGate, 0, 500)).toBe(1);
  });
});

describe("when all request ids were used and start again,", () => {
  const asks = (asker: Peer<Asking, Answering>, count: number): number[] =>
    Array.from({ length: count }, () => asker.request(openGate, 0, 500));

  test("each request is acted on and answered, and 0 is never one of them", () => {
    const asker: Peer<Asking, Answering> = new Peer(asking, answering, nearTheEnd, 0);
    const keeper = newKeeper();
    for (const requestId of [0xffff_fffe, 0xffff_ffff, 1, 2]) {
      expect(asks(asker, 1)).toEqual([requestId]);
      expect(toKeeper(asker, keeper)).toMatchObject([{ type: "request", requestId }]);
      keeper.answer(requestId, { ok: true, value: { opened: 7 } }, 0);
      expect(toAsker(keeper, asker)).toMatchObject([{ type: "answered", requestId }]);
    }
  });

  test("a request that arrives twice is acted on once, with ids from before and after", () => {
    const asker: Peer<Asking, Answering> = new Peer(asking, answering, nearTheEnd, 0);
    const keeper = newKeeper();
    const said = [1, 2, 3].flatMap(() => {
      asks(asker, 1);
      return asker.takeOutput();
    });
    for (const bytes of said) expect(keeper.receive(bytes, 0)).toHaveLength(1);
    for (const bytes of said) expect(keeper.receive(bytes, 0)).toEqual([]);
  });

  test("an answer to a request that was not sent yet is nonsense", () => {
    const asker: Peer<Asking, Answering> = new Peer(asking, answering, nearTheEnd, 0);
    asks(asker, 2);
    const body = asking.encodeReply("gate.open", { opened: 1 });
    expect(() => asker.receive(encodeFrame("reply", 1, body), 0)).toThrow("an answer to no request");
    asks(asker, 1);
    expect(asker.receive(encodeFrame("reply", 1, body), 0)).toHaveLength(1);
  });
});

test("a notice arrives unchanged, and is not answered", () => {
  const [asker, keeper] = [newAsker(), newKeeper()];
  asker.notify({ type: "gate.seen", gate: 3 }, 0);
  expect(toKeeper(asker, keeper)).toEqual([{ type: "notice", message: { type: "gate.seen", gate: 3 } }]);
  expect(keeper.requestsHeld).toBe(0);
  expect(keeper.takeOutput()).toEqual([]);
});

test("both ends may send requests at once under the same ids", () => {
  const [asker, keeper] = [newAsker(), newKeeper()];
  const theirs = asker.request(openGate, 0, 500);
  const ours = keeper.request({ type: "keeper.call", name: "Ada" }, 0, 500);
  expect(theirs).toBe(ours);
  toKeeper(asker, keeper);
  toAsker(keeper, asker);
  keeper.answer(theirs, { ok: true, value: { opened: 7 } }, 0);
  asker.answer(ours, { ok: true, value: { came: "Ada" } }, 0);
  expect(toAsker(keeper, asker)).toMatchObject([{ type: "answered", answer: { value: { opened: 7 } } }]);
  expect(toKeeper(asker, keeper)).toMatchObject([{ type: "answered", answer: { value: { came: "Ada" } } }]);
});

describe("the heartbeat", () => {
  test("goes from alive to suspect, back to alive, and down, once each", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    expect(asker.tick(2_999)).toEqual([]);
    expect(asker.tick(3_000)).toEqual([{ type: "suspect" }]);
    expect(asker.tick(4_000)).toEqual([]);

    keeper.notify({ type: "keeper.told", news: "late" }, 4_500);
    expect(toAsker(keeper, asker, 4_500)).toEqual([
      { type: "alive" },
      { type: "notice", message: { type: "keeper.told", news: "late" } },
    ]);

    expect(asker.tick(7_499)).toEqual([]);
    expect(asker.tick(7_500)).toEqual([{ type: "suspect" }]);
    expect(asker.tick(12_499)).toEqual([]);
    expect(asker.tick(12_500)).toEqual([{ type: "down" }]);
    expect(asker.tick(20_000)).toEqual([]);
  });

  test("goes straight down after a long time without ticks", () => {
    expect(newAsker().tick(8_000)).toEqual([{ type: "down" }]);
  });

  test("counts part of a frame as a sign of life", () => {
    const asker = newAsker();
    asker.tick(3_000);
    expect(asker.receive(new Uint8Array([0]), 3_500)).toEqual([{ type: "alive" }]);
    expect(asker.tick(6_499)).toEqual([]);
  });

  test("pings after a time without other messages, and every ping is answered", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    asker.tick(999);
    expect(asker.takeOutput()).toEqual([]);
    asker.tick(1_000);
    expect(toKeeper(asker, keeper, 1_000)).toEqual([]);
    expect(keeper.takeOutput()).toEqual([encodeFrame("pong", 0)]);
    asker.tick(1_999);
    expect(asker.takeOutput()).toEqual([]);
  });

  test("does not ping while other messages are sent", () => {
    const asker = newAsker();
    for (let nowMs = 0; nowMs < 10_000; nowMs += 500) {
      asker.notify({ type: "gate.seen", gate: 1 }, nowMs);
      asker.takeOutput();
      asker.tick(nowMs + 250);
      expect(asker.takeOutput()).toEqual([]);
    }
  });

  test("keeps two quiet ends alive for as long as both tick", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    for (let nowMs = 0; nowMs < 60_000; nowMs += 250) {
      expect([...asker.tick(nowMs), ...keeper.tick(nowMs)]).toEqual([]);
      toKeeper(asker, keeper, nowMs);
      toAsker(keeper, asker, nowMs);
    }
  });

  test("does not count time in which nothing was read", () => {
    const asker = newAsker();
    asker.excuseSilence(7_000);
    expect(asker.tick(9_999)).toEqual([]);
    expect(asker.tick(10_000)).toEqual([{ type: "suspect" }]);
  });
});

describe("nonsense", () => {
  const refuses = (
    peer: { receive: (bytes: Uint8Array, nowMs: number) => unknown },
    bytes: Uint8Array,
  ): void => {
    expect(() => peer.receive(bytes, 0)).toThrow(WireError);
  };

  test("is more requests at once than allowed", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    for (let count = 0; count < limits.requestsHeldMax; count += 1) asker.request(openGate, 0, 500);
    expect(toKeeper(asker, keeper)).toHaveLength(limits.requestsHeldMax);
    asker.request(openGate, 0, 500);
    expect(() => toKeeper(asker, keeper)).toThrow("more requests at once than allowed");
  });

  test("is not the same number of requests one after the other", () => {
    const [asker, keeper] = [newAsker(), newKeeper()];
    for (let count = 0; count < 50; count += 1) {
      const requestId = asker.request(openGate, 0, 500);
      toKeeper(asker, keeper);
      keeper.answer(requestId, { ok: true, value: { opened: 1 } }, 0);
      expect(toAsker(keeper, asker)).toHaveLength(1);
    }
  });

  test("is a request sent as a notice, and a notice sent as a request", () => {
    refuses(newKeeper(), encodeFrame("notice", 0, asking.encode(openGate, 0)));
    refuses(newKeeper(), encodeFrame("request", 1, asking.encode({ type: "gate.seen", gate: 1 }, 0)));
  });

  test("is a request without an id", () => {
    refuses(newKeeper(), encodeFrame("request", 0, asking.encode(openGate, 500)));
  });

  test("is an answer to a request that was never sent", () => {
    const asker = newAsker();
    asker.request(openGate, 0, 500);
    const body = asking.encodeReply("gate.open", { opened: 1 });
    refuses(asker, encodeFrame("reply", 2, body));
    refuses(asker, encodeFrame("reply", 0, body));
    refuses(
      newAsker(),
      encodeFrame("refusal", 1, asking.encodeRefusal({ refusal: "busy", retryAfterMs: null })),
    );
  });

  test("is an answer of another shape than its request declares", () => {
    const asker = newAsker();
    const requestId = asker.request(openGate, 0, 500);
    refuses(asker, encodeFrame("reply", requestId, answering.encodeReply("keeper.call", { came: "x" })));
    refuses(asker, encodeFrame("reply", requestId));
    refuses(
      asker,
      encodeFrame("refusal", requestId, asking.encodeRefusal({ refusal: "asleep", retryAfterMs: null })),
    );
  });

  test("is a frame longer than allowed, before its body arrives", () => {
    refuses(newKeeper(), encodeFrame("notice", 0, new Uint8Array(limits.receiveBytesMax)).subarray(0, 4));
  });

  test("is a message of the table that is not for this end", () => {
    refuses(newKeeper(), encodeFrame("request", 1, answering.encode({ type: "keeper.call", name: "x" }, 0)));
  });
});
