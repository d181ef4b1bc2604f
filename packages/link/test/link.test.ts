import { encodeFrame, WireError } from "@sallyport/wire";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../../proving/testkit/src/until.ts";
import { type ByteChannel, describeClose, type HandlerAnswer } from "../src/index.ts";
import { listenTcp } from "../src/tcp/index.ts";
import { connectTcp } from "../src/tcp/tcp-channel.ts";
import { type ChannelPair, carriers, host } from "./channel-pairs.ts";
import { answeringEnd, askingEnd, limits, turn } from "./link-end.ts";
import { type Asking, answering, asking } from "./tables.ts";

const openGate = (gate = 7) => ({ type: "gate.open", gate }) as const;
type OpenAnswer = HandlerAnswer<Asking, "gate.open">;

/** Keeps all requests waiting until the test calls `open`. */
class Gate {
  readonly asked: number[] = [];
  readonly #open: ((answer: OpenAnswer) => void)[] = [];

  readonly handler = ({ gate }: { readonly gate: number }): Promise<OpenAnswer> => {
    this.asked.push(gate);
    return new Promise((resolve) => {
      this.#open.push(resolve);
    });
  };

  open(): void {
    for (const resolve of this.#open.splice(0)) resolve({ ok: true, value: { opened: 1 } });
  }
}

interface Counting extends ByteChannel {
  readonly chunkCount: number;
}

/** Wraps a channel and counts the chunks that arrive. */
function counting(channel: ByteChannel): Counting {
  let chunkCount = 0;
  return {
    transport: channel.transport,
    remote: channel.remote,
    send: (bytes) => channel.send(bytes),
    bufferedBytes: () => channel.bufferedBytes(),
    pause: () => channel.pause(),
    resume: () => channel.resume(),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
    get chunkCount() {
      return chunkCount;
    },
    listen: (listener) =>
      channel.listen({
        bytes: (chunk) => {
          chunkCount += 1;
          listener.bytes(chunk);
        },
        closed: () => listener.closed(),
      }),
  };
}

/** Checks that each link is closed and has left no timer behind. */
function nothingIsLeft(...ends: { clock: { timerCount: number }; link: { isOpen: boolean } }[]): void {
  for (const { clock, link } of ends) {
    expect(link.isOpen).toBe(false);
    expect(clock.timerCount).toBe(0);
  }
}

describe.each(carriers)("a link over %s", (_, openPair) => {
  let pair: ChannelPair | undefined;
  const open = async (): Promise<ChannelPair> => {
    pair = await openPair();
    return pair;
  };
  afterEach(() => {
    for (const end of pair ?? []) end.destroy();
  });

  test("carries requests both ways at once, each with its own answer", async () => {
    const [a, b] = await open();
    const [asker, keeper] = [askingEnd(a), answeringEnd(b)];
    const answers = await Promise.all([
      ...[1, 2, 3].map((gate) => asker.link.ask(openGate(gate), 500)),
      keeper.link.ask({ type: "keeper.call", name: "Ada" }, 500),
    ]);
    expect(answers).toEqual([
      ...[1, 2, 3].map((opened) => ({ ok: true, value: { opened } })),
      { ok: true, value: { came: "Ada" } },
    ]);
  });

  test("carries refusals, with the time to try again if given", async () => {
    const [a, b] = await open();
    const asker = askingEnd(a);
    answeringEnd(b, {
      "gate.open": async ({ gate }) =>
        gate === 1 ? { ok: false, refusal: "busy", retryAfterMs: 250 } : { ok: false, refusal: "locked" },
    });
    expect(await asker.link.ask(openGate(1), 500)).toEqual({ ok: false, refusal: "busy", retryAfterMs: 250 });
    expect(await asker.link.ask(openGate(2), 500)).toEqual({ ok: false, refusal: "locked" });
  });

  test("leaves a request unanswered when its time is up, and ignores the late answer", async () => {
    const [a, b] = await open();
    const gate = new Gate();
    const [asker, keeper] = [askingEnd(a), answeringEnd(b, { "gate.open": gate.handler })];
    const asked = asker.link.ask(openGate(), 500);
    await until(() => gate.asked.length === 1, { what: "the question arrives" });
    await asker.clock.advance(750);
    expect(await asked).toEqual({ ok: false, refusal: "unanswered" });

    gate.open();
    expect(await keeper.link.ask({ type: "keeper.call", name: "Ada" }, 500)).toMatchObject({ ok: true });
    expect(asker.link.isOpen).toBe(true);
  });

  test("leaves every open and later request unanswered when either end closes", async () => {
    for (const closing of ["asker", "keeper"] as const) {
      const [a, b] = await open();
      const gate = new Gate();
      const ends = { asker: askingEnd(a), keeper: answeringEnd(b, { "gate.open": gate.handler }) };
      const asked = [1, 2].map((number) => ends.asker.link.ask(openGate(number), 500));
      await until(() => gate.asked.length === 2, { what: "the questions arrive" });
      ends[closing].link.close("test over");
      const unanswered = { ok: false, refusal: "unanswered" };
      expect(await Promise.all(asked)).toEqual([unanswered, unanswered]);
      expect(await ends.asker.link.ask(openGate(), 500)).toEqual(unanswered);
      gate.open();
      await Promise.all([ends.asker.told.reason(), ends.keeper.told.reason()]);
      nothingIsLeft(ends.asker, ends.keeper);
    }
  });

  test("closed here, still delivers earlier messages", async () => {
    const [a, b] = await open();
    const seen: number[] = [];
    const [asker, keeper] = [
      askingEnd(a),
      answeringEnd(b, { "gate.seen": ({ gate }) => void seen.push(gate) }),
    ];
    for (let gate = 0; gate < 1_000; gate += 1) asker.link.notify({ type: "gate.seen", gate });
    asker.link.close("done");
    expect(await keeper.told.reason()).toEqual({ type: "closed-there" });
    expect(await asker.told.reason()).toEqual({ type: "closed-here", why: "done" });
    expect(seen).toHaveLength(1_000);
    nothingIsLeft(asker, keeper);
  });

  test("is closed when the peer does not read", async () => {
    const [a, b] = await open();
    const [asker, keeper] = [askingEnd(a), answeringEnd(b)];
    b.pause();
    const paint = { type: "gate.paint", paint: new Uint8Array(1 << 20) } as const;
    const asked: Promise<unknown>[] = [];
    for (let sent = 0; asker.link.isOpen && sent < 200; sent += 1) {
      asked.push(asker.link.ask(paint, 500));
      await turn();
    }
    expect(await asker.told.reason()).toEqual({ type: "slow-reader" });
    for (const answer of await Promise.all(asked))
      expect(answer).toEqual({ ok: false, refusal: "unanswered" });
    b.resume();
    await keeper.told.reason();
    nothingIsLeft(asker, keeper);
  });

  test("stops reading while too many requests wait, and continues when they are answered", async () => {
    const [a, b] = await open();
    const gate = new Gate();
    const asker = askingEnd(a);
    const few = { ...limits, requestsPauseAt: 2, requestsHeldMax: 4 };
    const keeper = answeringEnd(b, { "gate.open": gate.handler }, { limits: few });
    const asked: Promise<unknown>[] = [];
    for (let number = 1; number <= 6; number += 1) {
      asked.push(asker.link.ask(openGate(number), 60_000));
      await until(() => gate.asked.length >= Math.min(number, 2), {
        what: "all possible bytes have arrived",
      });
    }
    await turn();
    expect(gate.asked).toEqual([1, 2]);

    // The keeper has read nothing for 20 s. It must not treat the asker as silent.
    await keeper.clock.advance(20_000);
    expect(keeper.told).toMatchObject({ standing: [], closed: [] });

    await until(() => gate.open() ?? gate.asked.length === 6, { what: "the others arrive" });
    gate.open();
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ ok: true });
    expect([asker.link.isOpen, keeper.link.isOpen]).toEqual([true, true]);
  });

  test("is closed by more requests at once than it holds", async () => {
    const [a, b] = await open();
    const [asker, keeper] = [
      askingEnd(a),
      answeringEnd(b, { "gate.open": new Gate().handler }, { limits: { ...limits, requestsHeldMax: 4 } }),
    ];
    const asked = [1, 2, 3, 4, 5].map((gate) => asker.link.ask(openGate(gate), 500));
    expect(await keeper.told.reason()).toMatchObject({ type: "nonsense" });
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ refusal: "unanswered" });
  });

  test("becomes suspect and then silent when nothing arrives, and alive again when something does", async () => {
    const [a, b] = await open();
    const asker = askingEnd(a);
    b.listen({ bytes: () => {}, closed: () => {} });
    await asker.clock.advance(3_000);
    expect(asker.told.standing).toEqual(["suspect"]);
    b.send(encodeFrame("pong", 0));
    await until(() => asker.told.standing.includes("alive"), { what: "the pong arrives" });
    await asker.clock.advance(7_750);
    expect(asker.told.standing).toEqual(["suspect", "alive", "suspect"]);
    expect(asker.told.closed).toEqual([]);
    await asker.clock.advance(250);
    expect(await asker.told.reason()).toEqual({ type: "silent" });
    nothingIsLeft(asker);
  });

  test("stays alive between two idle ends", async () => {
    const [a, b] = (await open()).map(counting) as [Counting, Counting];
    const [asker, keeper] = [askingEnd(a), answeringEnd(b)];
    for (let second = 1; second <= 20; second += 1) {
      const signsOfLife = a.chunkCount + b.chunkCount;
      await asker.clock.advance(1_000);
      await keeper.clock.advance(1_000);
      await until(() => a.chunkCount + b.chunkCount > signsOfLife, { what: "a ping arrives" });
    }
    expect([asker.told, keeper.told]).toMatchObject([
      { standing: [], closed: [] },
      { standing: [], closed: [] },
    ]);
  });

  test("is closed by nonsense, and names it without showing it", async () => {
    const [a, b] = await open();
    const keeper = answeringEnd(b);
    a.listen({ bytes: () => {}, closed: () => {} });
    a.send(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    const reason = await keeper.told.reason();
    expect(reason).toMatchObject({ type: "nonsense", error: expect.any(WireError) });
    expect(describeClose(reason)).toBe("sent nonsense: frame: longer than allowed");
    expect(keeper.told.failed).toEqual([]);
    nothingIsLeft(keeper);
  });

  test.each([
    ["rejects", async () => Promise.reject(new Error("a bug"))],
    [
      "throws",
      () => {
        throw new Error("a bug");
      },
    ],
  ])("is closed, and the bug reported, when a handler %s", async (_how, handler) => {
    const [a, b] = await open();
    const [asker, keeper] = [askingEnd(a), answeringEnd(b, { "gate.open": handler })];
    expect(await asker.link.ask(openGate(), 500)).toEqual({ ok: false, refusal: "unanswered" });
    expect(await keeper.told.reason()).toMatchObject({ type: "bug", error: { message: "a bug" } });
    expect(keeper.told.failed).toMatchObject([{ message: "a bug" }]);
    nothingIsLeft(asker, keeper);
  });

  test("is closed, and the bug reported, when a handler of a notice throws", async () => {
    const [a, b] = await open();
    const seen = () => {
      throw new Error("a bug");
    };
    const [asker, keeper] = [askingEnd(a), answeringEnd(b, { "gate.seen": seen })];
    asker.link.notify({ type: "gate.seen", gate: 1 });
    expect(await keeper.told.reason()).toMatchObject({ type: "bug" });
    expect(keeper.told.failed).toMatchObject([{ message: "a bug" }]);
    nothingIsLeft(keeper);
  });

  test("is closed by nonsense that a handler finds, which is no bug", async () => {
    const [a, b] = await open();
    const found = async () => {
      throw new WireError("gate.open.gate", "no such gate");
    };
    const [asker, keeper] = [askingEnd(a), answeringEnd(b, { "gate.open": found })];
    expect(await asker.link.ask(openGate(), 500)).toMatchObject({ refusal: "unanswered" });
    expect(await keeper.told.reason()).toMatchObject({ type: "nonsense" });
    expect(keeper.told.failed).toEqual([]);
  });

  test("sends no answer after it was closed", async () => {
    const [a, b] = await open();
    const gate = new Gate();
    const [asker, keeper] = [askingEnd(a), answeringEnd(b, { "gate.open": gate.handler })];
    const asked = asker.link.ask(openGate(), 500);
    await until(() => gate.asked.length === 1, { what: "the question arrives" });
    keeper.link.close("done");
    keeper.link.close("done again");
    gate.open();
    keeper.link.notify({ type: "keeper.told", news: "too late" });
    expect(await asked).toMatchObject({ refusal: "unanswered" });
    expect(await keeper.told.reason()).toEqual({ type: "closed-here", why: "done" });
    expect(keeper.told.failed).toEqual([]);
  });

  test("leaves no request open when its answer follows the end of the link in the same bytes", async () => {
    for (const ending of ["closing", "nonsense before", "nonsense after"] as const) {
      const [a, b] = await open();
      const asker: ReturnType<typeof askingEnd> = askingEnd(a, {
        "keeper.told": () => asker.link.close("told"),
      });
      const asked = asker.link.ask(openGate(), 500);
      const heard = new Promise<void>((resolve) => {
        b.listen({ bytes: () => resolve(), closed: () => {} });
      });
      await heard;
      const answer = encodeFrame("reply", 1, asking.encodeReply("gate.open", { opened: 7 }));
      const news = encodeFrame("notice", 0, answering.encode({ type: "keeper.told", news: "x" }, 0));
      const junk = encodeFrame("notice", 0);
      const frames = {
        closing: [news, answer],
        "nonsense before": [junk, answer],
        "nonsense after": [answer, junk],
      }[ending];
      b.send(Uint8Array.from(frames.flatMap((frame) => [...frame])));
      expect(await asked).toEqual({ ok: false, refusal: "unanswered" });
      nothingIsLeft(asker);
    }
  });

  test("refuses to send a message too long for a frame, and stays open", async () => {
    const [a, b] = await open();
    const [asker] = [askingEnd(a, {}, { limits: { ...limits, sendBytesMax: 100 } }), answeringEnd(b)];
    const paint = { type: "gate.paint", paint: new Uint8Array(101) } as const;
    await expect(asker.link.ask(paint, 500)).rejects.toThrow("longer than a frame may be");
    expect(await asker.link.ask(openGate(), 500)).toMatchObject({ ok: true });
  });
});

test("all messages of one turn of the event loop leave in one write", async () => {
  const writes: number[] = [];
  const channel: ByteChannel = {
    transport: "memory",
    remote: "here",
    listen: () => {},
    send: (bytes) => void writes.push(bytes.length),
    bufferedBytes: () => 0,
    pause: () => {},
    resume: () => {},
    close: () => {},
    destroy: () => {},
  };
  const asker = askingEnd(channel);
  for (let gate = 0; gate < 10; gate += 1) asker.link.notify({ type: "gate.seen", gate });
  expect(writes).toEqual([]);
  await turn();
  expect(writes).toHaveLength(1);
});

test("nonsense on one link of a listener leaves the others as they were", async () => {
  const keepers: ReturnType<typeof answeringEnd>[] = [];
  const listener = await listenTcp({ host, port: 0 }, (channel) => keepers.push(answeringEnd(channel)));
  const good = askingEnd(await connectTcp(listener.address, 5_000));
  expect(await good.link.ask(openGate(1), 500)).toMatchObject({ ok: true });
  const bad = await connectTcp(listener.address, 5_000);
  const hungUp = new Promise<void>((resolve) => bad.listen({ bytes: () => {}, closed: () => resolve() }));
  bad.send(new Uint8Array(64).fill(0xff));
  await hungUp;
  expect(await good.link.ask(openGate(2), 500)).toMatchObject({ ok: true });
  expect(keepers.map(({ link }) => link.isOpen)).toEqual([true, false]);
  good.link.close("done");
  await keepers[0]?.told.reason();
  await listener.stop();
});

test("each reason to close reads as one line", () => {
  const error = new WireError("frame", "longer than allowed");
  expect(
    [
      { type: "closed-here", why: "stopping" } as const,
      { type: "closed-there" } as const,
      { type: "silent" } as const,
      { type: "slow-reader" } as const,
      { type: "nonsense", error } as const,
      { type: "bug", error } as const,
    ].map(describeClose),
  ).toEqual([
    "stopping",
    "closed by the other end",
    "silent for too long",
    "does not read the data sent to it",
    "sent nonsense: frame: longer than allowed",
    "a bug here",
  ]);
});
