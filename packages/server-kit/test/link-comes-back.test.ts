import type { ByteChannel } from "@sallyport/link";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { CookieJar } from "../src/index.ts";
import { key, LinkScene, nobodyThere } from "./link-scene.ts";

let scene: LinkScene;

beforeEach(() => {
  scene = new LinkScene();
});

const after = (ms: number) => new Promise<void>((resolve) => scene.clock.after(ms, resolve));

/** This cookie jar outlives the process that uses it. */
class Jar implements CookieJar {
  cookie: Uint8Array | null = null;
  readonly load = async () => this.cookie;
  readonly store = async (cookie: Uint8Array | null) => {
    this.cookie = cookie;
  };
}

/** Delays the messages from the far end by `ms`. The end of the connection is never reported. */
const overSlowNetwork = (channel: ByteChannel, ms: number): ByteChannel => ({
  transport: channel.transport,
  remote: channel.remote,
  listen: ({ bytes }) =>
    channel.listen({ bytes: (chunk) => void scene.clock.after(ms, () => bytes(chunk)), closed() {} }),
  send: (bytes) => channel.send(bytes),
  bufferedBytes: () => channel.bufferedBytes(),
  pause: () => channel.pause(),
  resume: () => channel.resume(),
  close: () => channel.close(),
  destroy: () => channel.destroy(),
});

describe("a server that is stopped", () => {
  test("so as to return keeps its server lock and its cookie for its next process", async () => {
    const cookies = new Jar();
    const first = scene.connecting({ cookies });
    await first.start();
    await first.server.stop("keep");
    await settled();
    expect(scene.serverLock()?.state).toBe("away");
    const next = scene.connecting({ cookies });
    await next.start();
    expect([first.lost, next.admitted]).toEqual([[], [true]]);
    expect(scene.linked[1]?.earlier).toEqual([scene.linked[0]?.incarnation]);
  });

  test.each(["keep", "release"] as const)("while it is being readmitted does the same: %s", async (how) => {
    const cookies = new Jar();
    const { server, start } = scene.connecting({ cookies });
    await start();
    let answer = (): void => {};
    scene.storeAnswers = new Promise((resolve) => {
      answer = resolve;
    });
    scene.channels.at(-1)?.[0].destroy();
    await scene.clock.advance(300);
    const stopped = server.stop(how);
    answer();
    await stopped;
    await settled();
    expect(scene.serverLock()?.state).toBe(how === "keep" ? "away" : undefined);
    expect(cookies.cookie === null).toBe(how === "release");
  });
});

test("a server that is stopped while it reclaims keeps its cookie for its next process", async () => {
  const cookies = new Jar();
  let isBack = false;
  const setUp = () => (isBack ? after(1_000) : Promise.resolve());
  const { server, start, admitted } = scene.connecting({ setUp, cookies });
  await start();
  isBack = true;
  scene.channels.at(-1)?.[0].destroy();
  await scene.clock.advance(300);
  expect(admitted).toEqual([false, true]);
  await server.stop("keep");
  await scene.clock.advance(2_000);
  expect(cookies.cookie).toHaveLength(32);
});

describe("a server whose link is lost", () => {
  const ways = [
    { how: "is cut here", cut: () => scene.channels.at(-1)?.[0].destroy() },
    { how: "is cut there", cut: () => scene.channels.at(-1)?.[1].destroy() },
  ];
  test.each(ways)("because it $how comes back as the same server, and has lost nothing", async ({ cut }) => {
    const { server, start, admitted, lost, lines, started } = scene.connecting();
    await start();
    cut();
    await settled();
    expect([server.current, lost, scene.unlinked]).toEqual([null, [], scene.linked]);
    expect(scene.serverLock()?.state).toBe("away");
    await scene.clock.advance(300);
    expect(admitted).toEqual([false, true]);
    expect(server.current?.isOpen).toBe(true);
    expect(scene.linked[1]?.earlier).toEqual([scene.linked[0]?.incarnation]);
    expect([lost.length, started.length]).toEqual([0, 1]);
    expect(lines.map(({ msg }) => msg)).toEqual(["linked", "link lost", "linked again"]);
    // The server said that it has reclaimed all its locks.
    expect(scene.serverLock()).not.toHaveProperty("earlier");
  });

  test("is not up, and its locks wait, until it has reclaimed", async () => {
    let done = (): void => {};
    let isBack = false;
    const setUp = () => (isBack ? new Promise<void>((resolve) => (done = resolve)) : Promise.resolve());
    const { server, start } = scene.connecting({ setUp });
    await start();
    isBack = true;
    scene.channels.at(-1)?.[0].destroy();
    await scene.clock.advance(1_000);
    expect(server.current).toBeNull();
    expect(scene.serverLock()).toMatchObject({ state: "connected", earlier: [scene.linked[0]?.incarnation] });
    done();
    await settled();
    expect(server.current?.isOpen).toBe(true);
    expect(scene.serverLock()).not.toHaveProperty("earlier");
  });

  test("answers waiting callers when it is up again, when it is lost, or when that takes too long", async () => {
    let connect = scene.accept;
    const { server, start } = scene.connecting({ connect: () => connect() });
    await start();
    expect(await server.untilUp(0)).toBe(server.current);
    connect = nobodyThere;
    scene.channels.at(-1)?.[0].destroy();
    await settled();
    const told: unknown[] = [];
    void server.untilUp(1_000).then((link) => told.push(link));
    void server.untilUp(60_000).then((link) => told.push(link === server.current && link !== null));
    await scene.clock.advance(1_100);
    expect(told).toEqual([null]);
    connect = scene.accept;
    await scene.clock.advance(2_000);
    expect(told).toEqual([null, true]);
    connect = nobodyThere;
    scene.channels.at(-1)?.[0].destroy();
    await settled();
    void server.untilUp(60_000).then((link) => told.push(link));
    await scene.clock.advance(20_000);
    expect(told).toEqual([null, true, null]);
    expect(await server.untilUp(60_000)).toBeNull();
  });

  test("loses its locks if its cookie is no longer known, and starts as a new server", async () => {
    const { server, start, admitted, lost, lines } = scene.connecting();
    await start();
    scene.channels.at(-1)?.[0].destroy();
    await settled();
    scene.state.locks.delete(key);
    await scene.clock.advance(2_000);
    expect(admitted).toEqual([false, false]);
    expect(server.current?.isOpen).toBe(true);
    expect(lost).toHaveLength(1);
    expect(lines.map(({ msg }) => msg)).toContain(
      "the other server does not know this server's cookie; beginning without locks",
    );
  });

  test("and that cannot reclaim in time starts as a new server, since a second attempt would have more to reclaim", async () => {
    const cookies = new Jar();
    let isBack = false;
    const setUp = () => (isBack ? after(30_000) : Promise.resolve());
    const { start, admitted, lost, lines } = scene.connecting({ setUp, cookies });
    await start();
    isBack = true;
    scene.channels.at(-1)?.[0].destroy();
    await scene.clock.advance(60_000);
    expect([admitted, lost.length, cookies.cookie]).toEqual([[false, true], 1, null]);
    expect(lines.map(({ msg }) => msg)).toContain("locks not reclaimed in time; disconnecting all clients");
    isBack = false;
    scene.state.locks.delete(key);
    await scene.clock.advance(8_000);
    expect(admitted).toEqual([false, true, false]);
  });

  test("keeps trying with its cookie while the other end has not noticed the loss", async () => {
    const { server, start, admitted, lost } = scene.connecting();
    await start();
    // The link drops, but the char-server does not notice it.
    scene.channels.at(-1)?.[1].pause();
    scene.channels.at(-1)?.[0].destroy();
    await scene.clock.advance(6_000);
    expect([admitted, server.current, scene.unlinked]).toEqual([[false], null, []]);
    await scene.clock.advance(4_000);
    expect(admitted).toEqual([false, true]);
    expect([lost, scene.unlinked.length]).toEqual([[], 1]);
  });

  test("steps down before the other end gives it up, counted from the last request that was answered", async () => {
    let connect = scene.accept;
    const { server, start, lost, lines } = scene.connecting({ connect: () => connect() });
    await start();
    await scene.clock.advance(5_000);
    connect = nobodyThere;
    scene.channels.at(-1)?.[0].destroy();
    await settled();
    expect(scene.serverLock()?.state).toBe("away");
    const deadlineMs = scene.serverLock()?.deadlineMs ?? 0;
    await scene.clock.advance(deadlineMs - scene.clock.nowMs());
    expect(lost).toHaveLength(1);
    expect(lost[0]).toBeLessThan(deadlineMs);
    expect(lost[0]).toBeGreaterThan(deadlineMs - 3_000);
    expect(lines.at(-1)).toMatchObject({
      level: 50,
      msg: "without a link for too long; disconnecting all clients",
    });
    expect(server.current).toBeNull();
  });

  test("steps down before the other end gives it up, even if it was admitted late and got no message since", async () => {
    let connect = async () => overSlowNetwork(await scene.accept(), 2_000);
    const { server, start, lost } = scene.connecting({ connect: () => connect() });
    await start();
    await scene.clock.advance(2_000);
    expect(scene.serverLock()?.state).toBe("connected");
    connect = nobodyThere;
    scene.channels.at(-1)?.[1].destroy();
    await settled();
    const deadlineMs = scene.serverLock()?.deadlineMs ?? 0;
    await scene.clock.advance(2_500);
    expect([scene.serverLock()?.state, server.current?.isOpen]).toEqual(["away", true]);
    await scene.clock.advance(60_000);
    expect(lost).toHaveLength(1);
    expect(lost[0]).toBeLessThan(deadlineMs);
  });

  test("steps down counted from the last request that was answered, and not from one that was not", async () => {
    let connect = scene.accept;
    const { start, lost } = scene.connecting({ connect: () => connect() });
    await start();
    await scene.clock.advance(5_000);
    connect = nobodyThere;
    for (const end of scene.channels.at(-1) ?? []) end.pause();
    await scene.clock.advance(60_000);
    expect(lost).toEqual([24_600]);
  });

  test("and that is frozen for too long finds out before a timer fires", async () => {
    const { server, start, lost } = scene.connecting();
    await start();
    scene.clock.nowMs = () => 100_000;
    expect([server.current, lost]).toEqual([null, [100_000]]);
  });

  test("can continue in its next process, since it stores each cookie before it uses it", async () => {
    const cookies = new Jar();
    const first = scene.connecting({ cookies });
    await first.start();
    const kept = cookies.cookie;
    expect(kept).toHaveLength(32);
    // The process is killed: its end of the link closes, and it does nothing more.
    const stop = first.server.stop.bind(first.server);
    scene.channels.at(-1)?.[1].destroy();
    await settled();
    const setUp = async (): Promise<void> => {
      expect(cookies.cookie).not.toEqual(kept);
    };
    const next = scene.connecting({ cookies, setUp });
    await next.start();
    expect(next.admitted).toEqual([true]);
    expect(scene.linked[1]?.earlier).toEqual([scene.linked[0]?.incarnation]);
    await stop();
  });

  test("forgets the cookie when it leaves for good", async () => {
    const cookies = new Jar();
    const { server, start } = scene.connecting({ cookies });
    await start();
    await server.stop();
    expect(cookies.cookie).toBeNull();
    const next = scene.connecting({ cookies });
    await next.start();
    expect(next.admitted).toEqual([false]);
  });

  test("that was only silent stays linked if it speaks again in time", async () => {
    const { server, start, lost, lines } = scene.connecting();
    await start();
    for (const end of scene.channels.at(-1) ?? []) end.pause();
    await scene.clock.advance(4_000);
    for (const end of scene.channels.at(-1) ?? []) end.resume();
    await scene.clock.advance(2_000);
    expect(lines.map(({ msg }) => msg)).toEqual(["linked", "link is silent", "link is no longer silent"]);
    expect([server.current?.isOpen, lost]).toEqual([true, []]);
  });

  test("that stays silent gives up the link after eight seconds, and comes back over a new one", async () => {
    const { start, admitted, lost } = scene.connecting();
    await start();
    for (const end of scene.channels.at(-1) ?? []) end.pause();
    await scene.clock.advance(7_000);
    expect([admitted, scene.unlinked]).toEqual([[false], []]);
    await scene.clock.advance(4_000);
    expect([admitted, scene.unlinked.length, lost]).toEqual([[false, true], 1, []]);
  });
});

test("an answering server that admits no more servers readmits none, and leaves the lock for its return", async () => {
  const { start, admitted } = scene.connecting();
  await start();
  scene.answering.admitNobody();
  expect(scene.answering.admittedServers).toEqual(scene.linked);
  scene.channels.at(-1)?.[0].destroy();
  await scene.clock.advance(1_000);
  await settled();
  expect(scene.channels.length).toBeGreaterThan(1);
  expect(admitted).toEqual([false]);
  expect(scene.answering.admittedServers).toEqual([]);
  expect(scene.serverLock()?.state).toBe("away");
});
