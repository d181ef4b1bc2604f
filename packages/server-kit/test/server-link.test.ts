import type { ByteChannel } from "@sallyport/link";
import { settled } from "@sallyport/testkit";
import { encodeFrame } from "@sallyport/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { LinkScene, nobodyThere } from "./link-scene.ts";

let scene: LinkScene;

beforeEach(() => {
  scene = new LinkScene();
});

describe("a server that cannot link", () => {
  test("keeps trying, with twice the delay each time, up to five seconds", async () => {
    const { start, attempts } = scene.connecting({ connect: nobodyThere });
    await start();
    await scene.clock.advance(24_000);
    const waits = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(waits).toEqual([400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  test.each([
    [0, 200],
    [1, 600],
  ])(
    "does not try at the same times as others: with the random number %d after %d ms",
    async (random, firstMs) => {
      const { start, attempts } = scene.connecting({ connect: nobodyThere, random });
      await start();
      await scene.clock.advance(firstMs);
      expect(attempts).toEqual([0, firstMs]);
    },
  );

  test("says why, once for each reason", async () => {
    let connect = nobodyThere;
    const { start, lines } = scene.connecting({ connect: () => connect(), password: "wrong" });
    await start();
    await scene.clock.advance(10_000);
    connect = scene.accept;
    await scene.clock.advance(20_000);
    expect(lines.filter(({ level }) => level >= 40)).toMatchObject([
      { msg: "cannot link; trying again", why: "127.0.0.1:7201: ECONNREFUSED" },
      {
        msg: "cannot link; trying again",
        why: "the username alpha or its password is wrong; check that both servers have the same",
      },
    ]);
  });

  test("has not started until it can link", async () => {
    let connect = nobodyThere;
    const { server, start, started } = scene.connecting({ connect: () => connect() });
    await start();
    await scene.clock.advance(1_000);
    expect([started, server.current]).toEqual([[], null]);
    connect = scene.accept;
    await scene.clock.advance(1_800);
    expect(started).toHaveLength(1);
    expect(server.current?.isOpen).toBe(true);
  });

  test("because another has its name logs the setting once, as the other end does, and keeps trying", async () => {
    const first = scene.connecting();
    await first.start();
    const second = scene.connecting();
    await second.start();
    await scene.clock.advance(120_000);
    expect(second.lines.filter(({ level }) => level >= 40)).toMatchObject([
      {
        msg: "cannot link; trying again",
        why: expect.stringMatching(/named map-1 .* with MAP_SERVER_NAME$/),
      },
    ]);
    const atTheOther = scene.heard.lines.filter(({ why }) => why === "server-lock-exists");
    expect(atTheOther).toMatchObject([
      { msg: "map-server was refused", peerKind: "map-server", peer: "map-1" },
    ]);
    await first.server.stop();
    await scene.clock.advance(10_000);
    expect(second.server.current?.isOpen).toBe(true);
  });

  test("because another has its name, and shares its cookie folder, is logged once at the other end", async () => {
    let cookie: Uint8Array | null = null;
    const first = scene.connecting({
      cookies: { load: async () => null, store: async (kept) => void (cookie = kept) },
    });
    await first.start();
    const second = scene.connecting({ cookies: { load: async () => cookie, store: async () => {} } });
    await second.start();
    await scene.clock.advance(120_000);
    const refusals = scene.heard.lines.filter(({ msg }) => msg === "a cookie was refused");
    expect(refusals).toMatchObject([{ peer: "map-1", why: "server-lock-exists" }]);
    expect(first.server.current?.isOpen).toBe(true);
  });

  test("that has nothing to reclaim is used only after the link is set up", async () => {
    let setUp = (): void => {};
    const { server, start, lost, lines } = scene.connecting({
      setUp: () => new Promise<void>((resolve) => (setUp = resolve)),
    });
    await start();
    await scene.clock.advance(120_000);
    expect([server.current, lost, scene.linked.length]).toEqual([null, [], 1]);
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
    setUp();
    await settled();
    expect(server.current?.isOpen).toBe(true);
  });
});

test("a link keeps its server lock as long as it lasts", async () => {
  const { start } = scene.connecting();
  await start();
  await scene.clock.advance(60_000);
  expect(scene.serverLock()).toMatchObject({ state: "connected" });
  expect(scene.serverLock()?.deadlineMs).toBeGreaterThan(scene.clock.nowMs());
});

test("a peer that sends more than a handshake before it is admitted is disconnected, and a server is not", async () => {
  const { server, start, lost } = scene.connecting();
  await start();
  await settled();
  const link = server.current;
  for (let notice = 0; notice < 200; notice += 1)
    link?.notify({ type: "map-server.status", players: notice, presence: null });
  await settled();
  expect(lost).toEqual([]);

  const stranger = await scene.accept();
  let isOver = false;
  stranger.listen({
    bytes() {},
    closed() {
      isOver = true;
    },
  });
  // The frames are valid, and there is time left for the handshake. Only the bound on bytes can end the
  // connection.
  for (let ping = 0; ping < 500; ping += 1) stranger.send(encodeFrame("ping", 0));
  await settled();
  expect(isOver).toBe(true);
});

test("a server whose link drops while the store is asked is not admitted, and may come back", async () => {
  let answer = (): void => {};
  scene.storeAnswers = new Promise((resolve) => {
    answer = resolve;
  });
  const { start, admitted } = scene.connecting();
  await start();
  scene.channels.at(-1)?.[0].destroy();
  await settled();
  answer();
  await settled();
  expect(scene.serverLock()?.state).toBe("away");
  expect([admitted, scene.linked, scene.unlinked]).toEqual([[], [], []]);
});

describe("a server that stops", () => {
  test("releases its server lock, and does not link again", async () => {
    const { server, start, attempts, lost, lines } = scene.connecting();
    await start();
    await server.stop();
    await scene.clock.advance(60_000);
    expect(scene.serverLock()).toBeNull();
    expect([attempts, lost, scene.unlinked.length]).toEqual([[0], [], 1]);
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
  });

  test("releases it after its other requests are done, since they may have given it locks", async () => {
    let answer = (): void => {};
    scene.announced = new Promise((resolve) => {
      answer = resolve;
    });
    const { server, start } = scene.connecting({
      setUp: async (link) => {
        const address = { host: "map", port: 3, wsUrl: null, otherDoors: [], near: [] };
        const announce = { ...address, maps: [], playersMax: 1, isDraining: false, hearsOrders: true };
        void link.ask({ type: "map-server.announce", ...announce }, 60_000);
      },
    });
    await start();
    const stopped = server.stop();
    await scene.clock.advance(1_000);
    expect(scene.serverLock()).toMatchObject({ state: "connected" });
    answer();
    await stopped;
    expect(scene.serverLock()).toBeNull();
  });

  test("releases it even if it is being admitted at that moment", async () => {
    const { server, start, admitted, lost } = scene.connecting({
      // The channel is paused, so nothing arrives before the stop.
      connect: async () => {
        const channel = await scene.accept();
        channel.pause();
        return channel;
      },
    });
    await start();
    const stopped = server.stop();
    scene.channels.at(-1)?.[0].resume();
    await stopped;
    await scene.clock.advance(60_000);
    expect(scene.serverLock()).toBeNull();
    expect([admitted, lost, scene.channels.length]).toEqual([[], [], 1]);
  });

  test("while it connects closes the connection as soon as it is made", async () => {
    let through: (channel: ByteChannel) => void = () => {};
    const connect = () =>
      new Promise<ByteChannel>((resolve) => {
        through = resolve;
      });
    const { server, start, admitted } = scene.connecting({ connect });
    await start();
    await server.stop();
    through(await scene.accept());
    await scene.clock.advance(60_000);
    expect([admitted, scene.linked, scene.serverLock()]).toEqual([[], [], null]);
  });

  test("while it waits to try again does not try again", async () => {
    const { server, start, attempts } = scene.connecting({ connect: nobodyThere });
    await start();
    await scene.clock.advance(100);
    await server.stop();
    await scene.clock.advance(60_000);
    expect(attempts).toEqual([0]);
  });

  test("is not delayed for longer than a handshake by a silent peer", async () => {
    const { server, start } = scene.connecting();
    await start();
    scene.channels.at(-1)?.[0].pause();
    let hasStopped = false;
    void server.stop().then(() => {
      hasStopped = true;
    });
    await scene.clock.advance(5_250);
    expect(hasStopped).toBe(true);
  });
});

describe("an answering server that stops", () => {
  test.each([
    ["keep", "away"],
    ["release", undefined],
  ] as const)("can %s the server locks of its linked servers: %s", async (how, left) => {
    const { start } = scene.connecting();
    await start();
    await scene.answering.stop(how);
    expect(scene.serverLock()?.state).toBe(left);
    expect(scene.unlinked).toHaveLength(1);
  });
});
