import { charToMap, mapToChar } from "@sallyport/cluster-protocol";
import { accepted, type Incarnation } from "@sallyport/domain";
import { type ByteChannel, type Handlers, memoryChannelPair } from "@sallyport/link";
import { defaultLockTiming } from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { ManualClock, settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { AnsweringLinks, type Life, ServerLink, ServerRegistry, silentLog } from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

/*
 * Both ends of a link as the servers have them: a map-server that connects, and the char-server that answers, on one
 * clock that stands still until it is moved.
 */

const timing = { ...defaultLockTiming, leaseMs: 10_000, reconnectMs: 20_000 };
const key = "server:map-1";

let clock: ManualClock;
let state: MemoryLockState;
let storeAnswers: Promise<void>;
/** Both ends of every connection, newest last. */
let channels: (readonly [ByteChannel, ByteChannel])[];
let linked: Life[];
let unlinked: Life[];
let answering: AnsweringLinks<typeof charToMap, typeof mapToChar>;

beforeEach(() => {
  clock = new ManualClock();
  state = new MemoryLockState();
  channels = [];
  linked = [];
  unlinked = [];
  storeAnswers = Promise.resolve();
  const memory = new MemoryLockStore({ nowMs: () => clock.nowMs(), state });
  const store: LockStore = {
    load: (of) => storeAnswers.then(() => memory.load(of)),
    compareAndSet: (change) => memory.compareAndSet(change),
    due: (limit) => memory.due(limit),
    ownedBy: (...page) => memory.ownedBy(...page),
    close: () => memory.close(),
  };
  const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
  const log = silentLog();
  answering = new AnsweringLinks<typeof charToMap, typeof mapToChar>({
    of: "map-server",
    sends: charToMap,
    receives: mapToChar,
    passwordOf: (username) => (username === "alpha" ? "right" : null),
    registry: new ServerRegistry({ store, timing, randomBytes, log, forfeit: async () => {} }),
    leaseMs: timing.leaseMs,
    clock,
    randomBytes,
    log,
    handlersOf: () => ({ "map-server.announce": async () => accepted({ maps: [] }) }) as never,
    linked: (life) => void linked.push(life),
    unlinked: (life) => void unlinked.push(life),
    failed: rethrow,
  });
});

const rethrow = (error: unknown): void => {
  throw error;
};
const accept = async (): Promise<ByteChannel> => {
  const pair = memoryChannelPair(["map-1", "char"]);
  channels.push(pair);
  answering.accept(pair[1]);
  return pair[0];
};
const serverLock = (): { readonly state: string; readonly deadlineMs: number } | null => {
  const entry = state.locks.get(key);
  return entry === undefined ? null : JSON.parse(entry.value);
};

interface Options {
  readonly connect?: () => Promise<ByteChannel>;
  readonly password?: string;
  readonly random?: number;
  readonly isWelcome?: () => boolean;
}

function connecting({
  connect = accept,
  password = "right",
  random = 0.5,
  isWelcome = () => true,
}: Options = {}) {
  const attempts: number[] = [];
  const lives: Incarnation[] = [];
  const lost: number[] = [];
  const started: number[] = [];
  const { log, lines } = heardLog();
  const server = new ServerLink<typeof mapToChar, typeof charToMap>({
    to: "char-server",
    connect: () => {
      attempts.push(clock.nowMs());
      return connect();
    },
    sends: mapToChar,
    receives: charToMap,
    handlers: {} as Handlers<typeof charToMap>,
    credentials: { server: "map-1", username: "alpha", password },
    clock,
    random: () => random,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log,
    admitted: async (_link, { incarnation }) => {
      lives.push(incarnation);
      return isWelcome();
    },
    lost: () => void lost.push(clock.nowMs()),
    failed: rethrow,
  });
  const start = async (): Promise<void> => {
    void server.start().then(() => started.push(clock.nowMs()));
    await clock.advance(0);
  };
  return { server, start, attempts, lives, lost, started, lines };
}

const nobodyThere = async (): Promise<ByteChannel> => {
  throw new Error("127.0.0.1:7201: ECONNREFUSED");
};

describe("a server that cannot link", () => {
  test("tries on for ever, waiting twice as long each time, up to five seconds", async () => {
    const { start, attempts } = connecting({ connect: nobodyThere });
    await start();
    await clock.advance(24_000);
    const waits = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(waits).toEqual([400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  test.each([
    [0, 200],
    [1, 600],
  ])("does not try at the same times as others: by chance %d after %d ms", async (random, firstMs) => {
    const { start, attempts } = connecting({ connect: nobodyThere, random });
    await start();
    await clock.advance(firstMs);
    expect(attempts).toEqual([0, firstMs]);
  });

  test("says why, once for each reason", async () => {
    let connect = nobodyThere;
    const { start, lines } = connecting({ connect: () => connect(), password: "wrong" });
    await start();
    await clock.advance(10_000);
    connect = accept;
    await clock.advance(20_000);
    expect(lines.filter(({ level }) => level >= 40)).toMatchObject([
      { msg: "cannot link; trying on", why: "127.0.0.1:7201: ECONNREFUSED" },
      {
        msg: "cannot link; trying on",
        why: "username alpha or its password is wrong; check that both servers are set alike",
      },
    ]);
  });

  test("has not started, until it can", async () => {
    let connect = nobodyThere;
    const { server, start, started } = connecting({ connect: () => connect() });
    await start();
    await clock.advance(1_000);
    expect([started, server.current]).toEqual([[], null]);
    connect = accept;
    await clock.advance(1_800);
    expect(started).toHaveLength(1);
    expect(server.current?.isOpen).toBe(true);
  });

  test("is not linked where it is not welcome, and tries on, ever slower, until it is", async () => {
    let isWelcome = false;
    const { server, start, attempts, lost, started, lines } = connecting({ isWelcome: () => isWelcome });
    await start();
    expect([server.current, started, lost.length, serverLock()]).toEqual([null, [], 1, null]);
    await clock.advance(2_000);
    expect([attempts, lost.length, linked.length]).toEqual([[0, 400, 1_200], 3, 3]);
    isWelcome = true;
    await clock.advance(800);
    expect(server.current?.isOpen).toBe(true);
    expect(started).toEqual([2_800]);
    expect(lines.filter(({ msg }) => msg === "cannot link; trying on")).toMatchObject([
      { why: "the other end refused what this server announced" },
    ]);
  });
});

describe("a server whose link is lost", () => {
  const ways = [
    { how: "is cut here", cut: () => channels.at(-1)?.[0].destroy() },
    { how: "is cut there", cut: () => channels.at(-1)?.[1].destroy() },
  ];
  test.each(ways)("is told once that it $how, and both ends know", async ({ cut }) => {
    const { server, start, lives, lost, lines } = connecting();
    await start();
    expect(linked).toMatchObject([{ server: "map-1", incarnation: lives[0] }]);
    expect(serverLock()?.state).toBe("connected");
    cut();
    await settled();
    expect([server.current, lost.length]).toEqual([null, 1]);
    expect(unlinked).toEqual(linked);
    expect(serverLock()?.state).toBe("away");
    expect(lines.at(-1)).toMatchObject({ level: 40, msg: "link lost" });
  });

  test("begins a new life as soon as its server lock is gone", async () => {
    const { server, start, lives, lost, started } = connecting();
    await start();
    channels.at(-1)?.[0].destroy();
    await clock.advance(5_000);
    expect(lives).toHaveLength(1);
    state.locks.delete(key);
    await clock.advance(5_000);
    expect(lives).toHaveLength(2);
    expect(lives[0]).not.toBe(lives[1]);
    expect(server.current?.isOpen).toBe(true);
    expect([lost.length, started.length]).toEqual([1, 1]);
  });

  test("that was only silent is linked still, if it speaks again in time", async () => {
    const { server, start, lost, lines } = connecting();
    await start();
    for (const end of channels.at(-1) ?? []) end.pause();
    await clock.advance(4_000);
    for (const end of channels.at(-1) ?? []) end.resume();
    await clock.advance(2_000);
    expect(lines.map(({ msg }) => msg)).toEqual(["linked", "link is silent", "link is heard from again"]);
    expect([server.current?.isOpen, lost]).toEqual([true, []]);
  });

  test("that stays silent has lost it after eight seconds", async () => {
    const { server, start, lost } = connecting();
    await start();
    for (const end of channels.at(-1) ?? []) end.pause();
    await clock.advance(8_500);
    expect([server.current, lost.length]).toEqual([null, 1]);
    expect(unlinked).toHaveLength(1);
  });
});

test("a link keeps its server lock, as long as it lasts", async () => {
  const { start } = connecting();
  await start();
  await clock.advance(60_000);
  expect(serverLock()).toMatchObject({ state: "connected" });
  expect(serverLock()?.deadlineMs).toBeGreaterThan(clock.nowMs());
});

test("a server whose link goes while the store is asked is not let in, and may come back", async () => {
  let answer = (): void => {};
  storeAnswers = new Promise((resolve) => {
    answer = resolve;
  });
  const { start, lives } = connecting();
  await start();
  channels.at(-1)?.[0].destroy();
  await settled();
  answer();
  await settled();
  expect(serverLock()?.state).toBe("away");
  expect([lives, linked, unlinked]).toEqual([[], [], []]);
});

describe("a server that stops", () => {
  test("gives its server lock back, tells that the link is gone, and does not come again", async () => {
    const { server, start, attempts, lost, lines } = connecting();
    await start();
    await server.stop();
    await clock.advance(60_000);
    expect(serverLock()).toBeNull();
    expect([attempts, lost.length, unlinked.length]).toEqual([[0], 1, 1]);
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
  });

  test("gives it back too where it is being let in at that moment", async () => {
    const { server, start, lives, lost } = connecting({
      // Nothing arrives before the stop.
      connect: async () => {
        const channel = await accept();
        channel.pause();
        return channel;
      },
    });
    await start();
    const stopped = server.stop();
    channels.at(-1)?.[0].resume();
    await stopped;
    await clock.advance(60_000);
    expect(serverLock()).toBeNull();
    expect([lives, lost, channels.length]).toEqual([[], [], 1]);
  });

  test("while it connects hangs up as soon as it is through", async () => {
    let through: (channel: ByteChannel) => void = () => {};
    const connect = () =>
      new Promise<ByteChannel>((resolve) => {
        through = resolve;
      });
    const { server, start, lives } = connecting({ connect });
    await start();
    await server.stop();
    through(await accept());
    await clock.advance(60_000);
    expect([lives, linked, serverLock()]).toEqual([[], [], null]);
  });

  test("while it waits to try again does not try again", async () => {
    const { server, start, attempts } = connecting({ connect: nobodyThere });
    await start();
    await clock.advance(100);
    await server.stop();
    await clock.advance(60_000);
    expect(attempts).toEqual([0]);
  });

  test("is not held up for longer than a handshake takes by another end that says nothing", async () => {
    const { server, start } = connecting();
    await start();
    channels.at(-1)?.[0].pause();
    let hasStopped = false;
    void server.stop().then(() => {
      hasStopped = true;
    });
    await clock.advance(5_250);
    expect(hasStopped).toBe(true);
  });
});

describe("an answering end that stops", () => {
  test.each([
    ["keep", "away"],
    ["release", undefined],
  ] as const)("can %s the server locks of those who are linked: %s", async (how, left) => {
    const { start } = connecting();
    await start();
    await answering.stop(how);
    expect(serverLock()?.state).toBe(left);
    expect(unlinked).toHaveLength(1);
  });
});
