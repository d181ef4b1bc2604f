import { hashCookie } from "@sallyport/cluster-protocol";
import { Fence, LoginId } from "@sallyport/domain";
import { serverLockKey } from "@sallyport/lock-core";
import { must, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Fault } from "./cluster/fault.ts";
import { linkByHand } from "./cluster/linked-by-hand.ts";
import { type Player, play, rowOf, ticketOf } from "./cluster/player.ts";
import { TestCluster } from "./cluster/test-cluster.ts";

/* The test plays a map-server that came back, and checks the messages to it. */

const fault = new Fault();
let cluster: TestCluster;
let players: Player[];
beforeEach(async () => {
  cluster = await TestCluster.start({ around: fault.around });
  players = [];
  for (let count = 0; count < 4; count += 1) players.push(await play(cluster, await cluster.account()));
  cluster.kill({ map: "map-1" });
});
afterEach(async () => {
  // A char-server that is stopped would wait for the last saves of players whose map-server is gone.
  cluster.kill("char");
  await cluster.stop();
});

async function comesBack(cookie = cluster.cookies.get("map-1") ?? null, server = "map-1") {
  const kicked: unknown[] = [];
  const handlers = {
    "character.kick": async (of: object) => {
      kicked.push(of);
      return { ok: true, value: {} } as const;
    },
  };
  return { ...(await linkByHand(cluster, "map-server", { server, cookie, handlers })), kicked };
}

/** Returns the fields by which a map-server names its character. */
const characterOf = (player: Player) => {
  const inHand = { charId: player.game.charId, charFence: Fence(1), isPlaying: true };
  return { ...ticketOf(player), accountFence: Fence(1), trace: "", ...inHand };
};
const lockOf = (player: Player) => cluster.characterLock(ticketOf(player));

test("a map-server cannot save another's character, even with fence and number; the other can, when it is back", async () => {
  const [player] = players as [Player];
  const { accountId, charId, charFence, loginId1 } = characterOf(player);
  const before = await rowOf(cluster, charId);
  const savedAt = (x: number, saveNumber: number) => ({
    position: { ...player.game.position, x },
    attributes: JSON.stringify({ steps: saveNumber }),
    saveNumber,
  });
  const lockLost = { ok: false, refusal: "lock-lost" };
  const saveBy = (link: Awaited<ReturnType<typeof comesBack>>["link"], x: number, saveNumber: number) =>
    link.ask({ type: "character.save", charId, charFence, ...savedAt(x, saveNumber) }, 5_000);

  const other = await comesBack(null, "map-2");
  must(other.admitted);
  expect(await saveBy(other.link, 1, 99)).toMatchObject(lockLost);
  const saved = savedAt(2, 99);
  const of = { accountId, charId, charFence };
  const leave = { type: "character.leave", ...of, to: "offline", saved } as const;
  expect(await other.link.ask(leave, 5_000)).toMatchObject(lockLost);
  const hop = { type: "character.hop", ...of, loginId1, saved } as const;
  expect((await other.link.ask(hop, 5_000)).ok).toBe(false);
  expect(await rowOf(cluster, charId)).toEqual(before);

  const back = await comesBack();
  must(back.admitted);
  const characters = [characterOf(player)];
  must(await back.link.ask({ type: "character.reclaim", characters }, 5_000));
  must(await saveBy(back.link, 3, 1));
  expect(await rowOf(cluster, charId)).toMatchObject({ x: 3, attributes: { steps: 1 } });
  for (const { link } of [other, back]) link.close("done");
});

test.each(["before", "after"] as const)(
  "if the lock store fails %s it frees the lock, a leave counts as saved, and is repeated for the lock alone",
  async (place) => {
    const [player] = players as [Player];
    const { accountId, charId, charFence } = characterOf(player);
    const { link, admitted } = await comesBack();
    must(admitted);
    must(await link.ask({ type: "character.reclaim", characters: [characterOf(player)] }, 5_000));
    const position = { ...player.game.position, x: 3 };
    const saved = { position, attributes: "{}", saveNumber: 1 };
    const leave = { type: "character.leave", accountId, charId, charFence, to: "offline" } as const;
    fault.next(place, "world.free");
    const first = await link.ask({ ...leave, saved }, 5_000);
    expect(first).toEqual({ ok: true, value: { isReleased: false } });
    expect(await rowOf(cluster, charId)).toMatchObject({ x: 3 });
    const again = await link.ask({ ...leave, saved: null }, 5_000);
    expect(again).toEqual({ ok: true, value: { isReleased: true } });
    await cluster.untilFree(ticketOf(player));
    link.close("done");
  },
);

describe("a map-server that came back", () => {
  test("gets each lock that it names correctly, and is told which locks it does not get", async () => {
    const { link, admitted } = await comesBack();
    const { incarnation } = must(admitted);
    const [right, older, other, login] = players.map(characterOf) as [
      ReturnType<typeof characterOf>,
      ReturnType<typeof characterOf>,
      ReturnType<typeof characterOf>,
      ReturnType<typeof characterOf>,
    ];
    const characters = [
      right,
      { ...older, charFence: Fence(0) },
      { ...other, charId: right.charId },
      { ...login, loginId1: LoginId(1) },
    ];
    const ask = () => link.ask({ type: "character.reclaim", characters }, 5_000);
    const lost = [older, other, login].map(({ accountId }) => accountId);
    expect(await ask()).toMatchObject({ ok: true, value: { lost } });
    // The request is repeated because the answer may have been lost.
    expect(await ask()).toMatchObject({ ok: true, value: { lost } });
    const [kept, ...left] = (await Promise.all(players.map(lockOf))) as { owner?: { incarnation: string } }[];
    expect(kept).toMatchObject({ state: "playing", owner: { incarnation } });
    for (const lock of left) expect(lock.owner?.incarnation).not.toBe(incarnation);
    must(await link.ask({ type: "link.reclaimed" }, 5_000));
    expect((await Promise.all(players.map(lockOf))).map((lock) => lock?.state)).toEqual([
      "playing",
      undefined,
      undefined,
      undefined,
    ]);
    await cluster.untilFree(ticketOf(players[1] as Player));
    link.close("done");
  });

  test("is asked to release the characters that were requested while it was away", async () => {
    const [player] = players as [Player];
    const { name } = player.game;
    const second = await cluster.client().logIn({ name, password: "correct horse", way: "raw" });
    expect(second).toMatchObject({ refusal: "already-online" });
    await until(async () => (await lockOf(player))?.state === "evicting", { what: "it is asked for" });
    const { link, admitted, kicked } = await comesBack();
    must(admitted);
    const characters = [characterOf(player)];
    expect(await link.ask({ type: "character.reclaim", characters }, 5_000)).toMatchObject({
      value: { lost: [] },
    });
    await until(() => kicked.length > 0, { what: "it is asked for again" });
    const { accountId, charId, charFence } = characterOf(player);
    expect(kicked).toMatchObject([{ accountId, charId, charFence, reason: "logged-in-elsewhere" }]);
    link.close("done");
  });

  test("is not admitted a second time by the cookie that it used", async () => {
    const used = cluster.cookies.get("map-1") ?? null;
    const first = await comesBack(used);
    const { cookie } = must(first.admitted);
    must(await first.link.ask({ type: "link.reclaimed" }, 5_000));
    expect((await comesBack(used)).admitted).toMatchObject({ refusal: "cookie-unknown" });
    // The new cookie is refused too while that link is open.
    expect((await comesBack(cookie)).admitted).toMatchObject({ refusal: "server-lock-exists" });
    expect(first.link.isOpen).toBe(true);
    expect(await cluster.lock("world", serverLockKey("map-1"))).toMatchObject({
      cookieHash: hashCookie(cookie),
    });
    first.link.close("done");
  });
});
