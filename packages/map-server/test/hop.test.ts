import { accepted, type EventOf, kickFor, type MapDoor, type Outcome, refused } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

const warpX = 39;
const autosaveMs = 10_000;
const door = { host: "other", port: 7, wsUrl: null, otherDoors: [] };
const address = { ...door, near: [] };

let world: HandMadeWorld;
/** This player steps onto a warp to the moor, which another server hosts. */
let client: HandMadeClient;
let watcher: HandMadeClient;
const character = { accountId: 1, charId: 101, charFence: 3 };
beforeEach(async () => {
  world = new HandMadeWorld({ autosaveMs, hosted: ["meadow"] });
  world.link.held.add("hop");
  watcher = await world.plays(world.character({ accountId: 9 }), { x: 38 });
  client = await world.plays(world.character(character), { x: 38 });
  await stepOn();
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

async function stepOn(): Promise<void> {
  expect(await client.walk(warpX, 3)).toMatchObject({ ok: true });
  await world.clock.advance(2 * stepMs);
}

async function answer(outcome: Outcome<unknown, string>): Promise<void> {
  world.link.answer("hop", outcome);
  await settled();
}

const seen = <T extends EventOf<MapDoor>["type"]>(type: T) =>
  watcher.events.filter((event) => event.type === type);
const unknown = ["lock-lost", "unavailable", "unanswered"] as const;

describe("a player that steps onto a map of another map-server", () => {
  test("is passed on with the state with which it arrives", () => {
    const saved = { position: { map: "moor", x: 2, y: 3 }, attributes: { gold: 7 } };
    expect(world.link.all("hop")).toEqual([{ kind: "hop", charId: 101, charFence: 3, saved }]);
  });

  test("cannot walk until the answer comes, but is still seen and heard", async () => {
    expect(await client.walk(30, 3)).toEqual(refused("unavailable", expect.any(Number)));
    expect(await client.say("going")).toEqual(accepted({}));
    await world.clock.advance(5 * stepMs);
    expect(seen("actor.said")).toHaveLength(1);
    expect(seen("actor.vanished")).toEqual([]);
    expect(client.isConnected).toBe(true);
  });

  test("cannot walk on from a step that has just ended, since that walk would not be saved", async () => {
    const late = await world.plays(world.character({ accountId: 5, charId: 105 }), { x: 38 });
    await watcher.walk(30, 3);
    await world.clock.advance(10);
    await late.walk(warpX, 3);
    // The first step of the watcher is reported now. Its next steps wait for the next report.
    await world.clock.advance(stepMs + 5);
    expect(world.link.all("hop")).toHaveLength(1);
    expect(await late.walk(30, 3)).toEqual(refused("no-path"));
    await world.clock.advance(5 * stepMs);
    const saved = { position: { map: "moor", x: 2, y: 3 }, attributes: { gold: 7 } };
    expect(world.link.all("hop")).toMatchObject([{}, { saved }]);
    const own = late.events.filter((event) => event.type === "actor.moved" && event.charId === 105);
    expect(own).toHaveLength(1);
  });

  test("is numbered in one series with the saves before and after it, from 1", async () => {
    await answer(refused("map-unavailable"));
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    await client.walk(warpX - 1, 3);
    await world.clock.advance(2 * stepMs);
    await stepOn();
    await answer(refused("map-unavailable"));
    await client.leave();
    expect(world.link.numbers).toEqual([1, 2, 3, 4]);
  });

  test("is told where to go and then forgotten, without another save", async () => {
    await answer(accepted(address));
    const position = { map: "moor", x: 2, y: 3 };
    expect(client.events.at(-1)).toEqual({ type: "map.hop", position, ...door });
    expect(client.isConnected).toBe(false);
    expect(seen("actor.vanished")).toHaveLength(1);
    await world.clock.advance(2 * autosaveMs);
    world.population.autosave();
    expect([world.population.count, world.link.all("leave"), world.link.all("save")]).toEqual([1, [], []]);
  });

  test.each(["map-unavailable", "state-invalid"] as const)(
    "stays where it stands if the answer is %s, and hops again only at the next step onto the warp",
    async (refusal) => {
      await answer(refused(refusal));
      await world.clock.advance(5 * stepMs);
      expect(world.link.all("hop")).toHaveLength(1);
      expect(await client.walk(warpX - 1, 3)).toEqual(accepted({ steps: 1 }));
      await world.clock.advance(2 * stepMs);
      await stepOn();
      expect(world.link.all("hop")).toHaveLength(2);
      await answer(refused(refusal));
      await client.leave();
      expect(world.link.all("leave")).toMatchObject([
        { saved: { position: { map: "meadow", x: warpX, y: 3 } } },
      ]);
    },
  );

  test.each(unknown)(
    "is dropped and told so if the answer is %s, since another server may own it",
    async (refusal) => {
      await answer(refused(refusal));
      expect(world.link.all("leave")).toMatchObject([{ charFence: 3, to: "offline" }]);
      expect(client.kickedFor).toBe(refusal === "lock-lost" ? "lock-lost" : "save-failed");
      expect(world.population.count).toBe(1);
    },
  );

  test.each([...unknown, "map-unavailable"] as const)(
    "is saved once more if the answer is %s, since the hop may still be carried out",
    async (refusal) => {
      world = new HandMadeWorld({ autosaveMs, hosted: ["meadow"] });
      world.link.held.add("hop");
      client = await world.plays(world.character(character), { x: 38 });
      await stepOn();
      await answer(refused("map-unavailable"));
      await world.clock.advance(autosaveMs);
      world.population.autosave();
      expect(world.link.all("save")).toMatchObject([{ saved: { position: { x: warpX } } }]);
      await client.walk(warpX - 1, 3);
      await world.clock.advance(2 * stepMs);
      await stepOn();
      await answer(refused(refusal));
      await client.leave();
      expect(world.link.all("leave")).toMatchObject([{ saved: { position: { map: "meadow", x: warpX } } }]);
    },
  );
});

describe("in the middle of a hop,", () => {
  const kick = (): boolean => world.population.kick(character as never, kickFor("logged-in-elsewhere"));

  test("a kick waits for the outcome, and then the client is told the reason", async () => {
    expect(kick()).toBe(true);
    await settled();
    expect([world.link.all("leave"), client.isConnected]).toEqual([[], true]);
    await answer(refused("lock-lost"));
    expect(world.link.all("leave")).toHaveLength(1);
    expect(client.kickedFor).toBe("logged-in-elsewhere");
  });

  test("a kick is carried out if the player stays", async () => {
    kick();
    await answer(refused("map-unavailable"));
    expect(world.link.all("leave")).toHaveLength(1);
    expect(client.kickedFor).toBe("logged-in-elsewhere");
  });

  test("a client that disconnects releases the lock that is still here", async () => {
    client.disconnect();
    await settled();
    expect(world.link.all("leave")).toEqual([]);
    await answer(refused("map-unavailable"));
    expect(world.link.all("leave")).toMatchObject([{ to: "offline", charFence: 3 }]);
    expect(world.population.count).toBe(1);
  });

  test("a client that disconnects does not release a lock that another server owns", async () => {
    client.disconnect();
    await answer(accepted(address));
    expect([world.link.all("leave"), world.population.count]).toEqual([[], 1]);
  });

  test("a client may go back to character select if its player stays", async () => {
    const left = client.leave("char-select");
    await answer(refused("map-unavailable"));
    expect(await left).toEqual(accepted({}));
    expect(world.link.all("leave")).toMatchObject([{ to: "char-select" }]);
  });

  test("a leaving client is told that it is saved only once it is", async () => {
    world.link.held.add("leave");
    let left: unknown = null;
    void client.leave().then((answer) => {
      left = answer;
    });
    await answer(refused("unavailable"));
    expect(world.link.all("leave")).toHaveLength(1);
    expect(left).toBeNull();
  });

  test("a character that another server owns by then is dropped, and a late answer changes nothing", async () => {
    world.population.forget(character as never, kickFor("lock-lost"));
    expect(client.kickedFor).toBe("lock-lost");
    expect(seen("actor.vanished")).toHaveLength(1);
    await answer(accepted(address));
    expect([world.link.all("leave"), world.population.count]).toEqual([[], 1]);
  });

  test.each(unknown)(
    "a client that disconnects does not release a lock that another server owns, even if the answer is %s",
    async (refusal) => {
      client.disconnect();
      world.population.forget(character as never, kickFor("lock-lost"));
      await answer(refused(refusal));
      expect([world.link.all("leave"), world.population.count]).toEqual([[], 1]);
    },
  );

  test("a lost link drops the player with all others", async () => {
    world.population.dropAll("cluster-link-lost");
    await answer(refused("unavailable"));
    expect(client.kickedFor).toBe("cluster-link-lost");
    expect([world.link.all("leave"), world.population.count]).toEqual([[], 0]);
  });

  test("a stopping server waits for the outcome, and saves the player if it stays", async () => {
    let hasStopped = false;
    void world.population.stop("server-stopping").then(() => {
      hasStopped = true;
    });
    await settled();
    expect(hasStopped).toBe(false);
    await answer(refused("map-unavailable"));
    expect(hasStopped).toBe(true);
    expect(world.link.all("leave")).toHaveLength(2);
    expect(client.kickedFor).toBe("server-stopping");
  });

  test("the player is not saved, and a save that the hop overtook ends nothing", async () => {
    await answer(refused("map-unavailable"));
    world.link.held.add("save");
    await client.walk(warpX - 1, 3);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    expect(world.link.all("save")).toHaveLength(1);
    await stepOn();
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    expect(world.link.all("save")).toHaveLength(1);
    world.link.answer("save", refused("lock-lost"));
    await settled();
    expect(client.isConnected).toBe(true);
    await answer(accepted(address));
    expect(client.events.at(-1)).toMatchObject({ type: "map.hop" });
  });
});
