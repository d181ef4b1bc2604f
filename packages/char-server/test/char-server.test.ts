import { toldFields } from "@sallyport/cluster-protocol";
import { accepted, type Kick, kickFor, refused } from "@sallyport/domain";
import { characterLockKey } from "@sallyport/lock-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CharServerScene, timing } from "./char-server-scene.ts";
import { HandMadeMapServer, held, heldCharacter } from "./hand-made-map-server.ts";

let scene: CharServerScene;
beforeEach(async () => {
  scene = await CharServerScene.start();
});
afterEach(() => {
  expect(scene.bugs).toEqual([]);
});

/** Lets the login-server kick the client of the first login. */
async function kick(why: Kick = kickFor("logged-in-elsewhere")): Promise<void> {
  const { accountId, login, clock } = scene;
  const loginId1 = login.all("account.hold")[0]?.loginId1;
  if (loginId1 === undefined) throw new Error("nobody came");
  const asked = login.links
    .at(-1)
    ?.ask({ type: "account.kick", accountId, loginId1, ...toldFields(why) }, 3_000);
  await clock.advance(0);
  expect(await asked).toEqual(accepted({}));
}

describe("an account that a newer login wants", () => {
  test("is released by the client at character select, which is told why it must leave", async () => {
    const client = await scene.chooses();
    await kick();
    expect([client.kickedFor, client.isConnected]).toEqual(["logged-in-elsewhere", false]);
    expect(await scene.lock()).toEqual({ state: "free" });
    expect(scene.login.all("account.release")).toHaveLength(1);
  });

  test("is requested from the map-server that has its character, which is told if it took too long", async () => {
    const character = await scene.plays();
    await kick();
    expect(scene.map.kicked).toMatchObject([{ ...held(character), reason: "logged-in-elsewhere" }]);
    expect(scene.map.forgotten).toEqual([]);
    await scene.clock.advance(timing.evictMs + 1_000);
    expect(scene.map.forgotten).toMatchObject([{ ...held(character), reason: "timed-out" }]);
    expect(scene.login.all("account.release")).toHaveLength(1);
  });

  test("is requested as soon as the lock store answers, if it did not at first", async () => {
    const character = await scene.plays();
    scene.isStoreAway = true;
    await kick();
    expect(scene.map.kicked).toEqual([]);
    scene.isStoreAway = false;
    await scene.clock.advance(1_000);
    expect(scene.map.kicked).toMatchObject([{ ...held(character), reason: "logged-in-elsewhere" }]);
  });

  test("is released if no client has it here", async () => {
    const character = await scene.plays();
    await scene.now(scene.map.leave(character));
    await kick();
    expect(scene.login.all("account.release")).toHaveLength(2);
  });
});

describe("an account that no message took away", () => {
  test("is confirmed twice a minute, and its player is not disturbed", async () => {
    const character = await scene.plays();
    await scene.clock.advance(60_000);
    expect(scene.login.all("account.reclaim")).toMatchObject([
      { accounts: [{ loginId1: character.loginId1 }] },
      { accounts: [{ loginId1: character.loginId1 }] },
    ]);
    expect(scene.map.kicked).toEqual([]);
  });

  test("makes its player leave if another server has it by now", async () => {
    const character = await scene.plays();
    scene.login.reclaim = (accounts) => accepted({ lost: accounts.map(({ accountId }) => accountId) });
    await scene.clock.advance(30_000);
    expect(scene.map.kicked).toMatchObject([{ ...held(character), reason: "lock-lost" }]);
    await scene.now(scene.map.leave(character));
    expect(await scene.lock()).toEqual({ state: "free" });
  });

  test("makes its client leave character select if another server has it by now", async () => {
    const client = await scene.chooses();
    scene.login.reclaim = (accounts) => accepted({ lost: accounts.map(({ accountId }) => accountId) });
    await scene.clock.advance(30_000);
    expect([client.kickedFor, client.isConnected]).toEqual(["lock-lost", false]);
    expect(await scene.lock()).toEqual({ state: "free" });
  });

  test("is released again if it was released during the question, which may have put it back", async () => {
    const character = await scene.plays();
    let answer = (): void => {};
    scene.login.reclaim = () =>
      new Promise((resolve) => {
        answer = () => resolve(accepted({ lost: [] }));
      });
    for (let s = 0; s < 30 && scene.login.all("account.reclaim").length === 0; s += 1)
      await scene.clock.advance(1_000);
    await scene.now(scene.map.leave(character));
    expect(scene.login.all("account.release")).toHaveLength(1);
    answer();
    await scene.clock.advance(0);
    expect(scene.login.all("account.release")).toHaveLength(2);
  });
});

describe("a client whose login ids are newer than those of the login that has the character", () => {
  test("releases its account and makes the older client leave", async () => {
    const character = await scene.plays();
    const client = scene.client();
    const newer = await scene.ticket(2);
    expect(await scene.now(client.enter(newer))).toMatchObject(refused("already-online"));
    expect(scene.login.all("account.release")).toMatchObject([{ loginId1: newer.loginId1 }]);
    expect(scene.map.kicked).toMatchObject([held(character)]);
  });
});

describe("a client at character select", () => {
  test("keeps its place as long as it stays connected", async () => {
    const client = await scene.chooses();
    await scene.clock.advance(5 * timing.chooseMs);
    expect([client.kickedFor, client.isConnected]).toEqual([null, true]);
    expect(await scene.lock()).toMatchObject({ state: "choosing" });
  });

  test("releases its locks as soon as it disconnects", async () => {
    const client = await scene.chooses();
    client.hangUp();
    await scene.clock.advance(0);
    expect(await scene.lock()).toEqual({ state: "free" });
    expect(scene.login.all("account.release")).toHaveLength(1);
  });

  test("is told to leave when it no longer has its lock", async () => {
    const client = await scene.chooses();
    scene.state.locks.delete(characterLockKey(scene.accountId));
    await scene.clock.advance(timing.chooseMs);
    expect([client.kickedFor, client.isConnected]).toEqual(["lock-lost", false]);
  });
});

test("a client with login ids that are being released must leave: no character opens without its account", async () => {
  const character = await scene.plays();
  const client = scene.client();
  scene.login.hold = () => new Promise(() => {});
  void client.enter(character);
  await scene.clock.advance(0);
  await scene.now(scene.map.leave(character));
  expect(scene.login.all("account.release")).toHaveLength(1);
  expect([client.kickedFor, client.isConnected]).toEqual(["lock-lost", false]);
});

test("an account is released even if the store did not confirm that its character lock is free", async () => {
  const character = await scene.plays();
  scene.isNextAnswerLost = true;
  const left = await scene.now(scene.map.leave(character));
  expect(left).toEqual(accepted({ isReleased: false }));
  expect([await scene.lock(), scene.login.all("account.release")]).toEqual([{ state: "free" }, []]);
  await scene.clock.advance(2_000);
  expect(scene.login.all("account.release")).toHaveLength(1);
});

test("an account is released if the lock store lost all and no map-server comes back with its character", async () => {
  await scene.plays();
  scene.loseLocks(5_000);
  scene.map.isUnreachable = true;
  scene.map.cut();
  await scene.clock.advance(4_500);
  expect([await scene.lock(), scene.login.all("account.release")]).toEqual([{ state: "free" }, []]);
  await scene.clock.advance(2_500);
  expect(scene.login.all("account.release")).toHaveLength(1);
});

describe("a char-server whose login-server has given it up", () => {
  test("makes all players leave", async () => {
    const character = await scene.plays();
    scene.login.isCookieKnown = false;
    scene.login.cut();
    await scene.clock.advance(2_000);
    expect(scene.map.kicked).toMatchObject([{ ...held(character), reason: "cluster-link-lost" }]);
  });

  test("makes all players leave once the lock store answers, but not those who entered since", async () => {
    const character = await scene.plays();
    scene.login.isCookieKnown = false;
    scene.isStoreAway = true;
    scene.login.cut();
    await scene.clock.advance(2_000);
    expect(scene.map.kicked).toEqual([]);
    scene.isStoreAway = false;
    await scene.clock.advance(1_000);
    expect(scene.map.kicked).toMatchObject([{ ...held(character), reason: "cluster-link-lost" }]);
    await scene.now(scene.map.leave(character));
    const client = await scene.chooses(2);
    await scene.clock.advance(5_000);
    expect([client.kickedFor, client.isConnected]).toEqual([null, true]);
  });

  test("disconnects the clients at character select", async () => {
    const client = await scene.chooses();
    scene.login.isCookieKnown = false;
    scene.login.cut();
    await scene.clock.advance(2_000);
    expect([client.kickedFor, await scene.lock()]).toEqual(["cluster-link-lost", { state: "free" }]);
  });
});

describe("a char-server that restarts", () => {
  /**
   * Restarts the char-server. The map-server links before the login-server has told which accounts are held.
   */
  async function startAgain(): Promise<Awaited<ReturnType<CharServerScene["plays"]>>> {
    const character = await scene.plays();
    scene.map.has = [heldCharacter(character)];
    await scene.nextProcess();
    expect([scene.map.isUp, scene.map.lost]).toEqual([true, []]);
    scene.login.isUnreachable = false;
    return character;
  }

  test("keeps its accounts, and the players who have them play on", async () => {
    const character = await startAgain();
    const { accountId, loginId1, loginId2, sex, accountFence, trace } = character;
    scene.login.owned = [{ accountId, loginId1, loginId2, sex, accountFence, trace }];
    await scene.clock.advance(3_000);
    expect(scene.login.all("account.reclaim")).toHaveLength(1);
    expect(scene.login.ends).not.toContain("leave");
    expect(scene.map.kicked).toEqual([]);
    expect(await scene.lock()).toMatchObject({ state: "playing" });
  });

  test("makes the players leave whose account it no longer holds", async () => {
    const character = await startAgain();
    scene.login.isCookieKnown = false;
    await scene.clock.advance(8_000);
    expect(scene.map.kicked).toMatchObject([{ ...held(character), reason: "lock-lost" }]);
    expect(await scene.lock()).toMatchObject({ state: "evicting" });
  });
});

test("a char-server that stops together with a map-server lets the map-server pass its players on first", async () => {
  const other = new HandMadeMapServer(scene.clock, (channel) => scene.char.acceptMapServer(channel), "map-2");
  await other.start();
  await scene.clock.advance(1_000);
  const character = await scene.plays();
  const stopped = scene.char.stop("keep");
  await scene.clock.advance(500);
  await scene.now(scene.char.drainMapServer("map-1"));
  expect(await scene.now(scene.map.hop(character))).toMatchObject({ ok: true });
  expect(other.expected).toMatchObject([{ charId: character.charId }]);
  await scene.clock.advance(2 * timing.evictMs);
  await stopped;
});

describe("a char-server that stops for good", () => {
  const stops = async (): Promise<void> => {
    // Without this step, a sweep could run at the same time as the last check of the stop, and could free the
    // lock before the check.
    await scene.clock.advance(100);
    const stopped = scene.char.stop();
    await scene.clock.advance(2 * timing.evictMs);
    await stopped;
  };

  test("releases its accounts once all players are saved and have left", async () => {
    const character = await scene.plays();
    const stopped = scene.char.stop();
    await scene.clock.advance(1_000);
    expect([scene.map.kicked.length > 0, scene.login.ends]).toEqual([true, []]);
    await scene.now(scene.map.leave(character));
    await scene.clock.advance(1_000);
    await stopped;
    expect(scene.login.ends).toEqual(["leave", "closed"]);
  });

  test("keeps the account of a player who has not left in time", async () => {
    await scene.plays();
    await stops();
    expect(scene.login.ends).toEqual(["closed"]);
  });

  test("keeps the account of a player on a map-server that has just come back", async () => {
    await scene.plays();
    scene.map.has = null;
    scene.map.cut();
    await scene.clock.advance(2_000);
    await stops();
    expect(scene.login.ends).toEqual(["closed"]);
  });

  test("keeps the account of a player on a map-server whose link is down", async () => {
    await scene.plays();
    scene.map.isUnreachable = true;
    scene.map.cut();
    await scene.clock.advance(100);
    await stops();
    expect(scene.login.all("account.release")).toEqual([]);
    expect(scene.login.ends).not.toContain("leave");
  });

  test("keeps the account of a player on a map-server that has not linked yet", async () => {
    const { accountId, loginId1, loginId2, sex, accountFence, trace } = await scene.plays();
    scene.login.owned = [{ accountId, loginId1, loginId2, sex, accountFence, trace }];
    await scene.stopProcess();
    scene.hostsKnown = new Promise((known) => scene.clock.after(1_000, known));
    scene.startProcess();
    await scene.clock.advance(300);
    expect(scene.login.all("account.reclaim")).toHaveLength(1);
    await stops();
    expect(scene.login.ends).not.toContain("leave");
  });
});
