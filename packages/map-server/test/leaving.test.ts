import { accepted, kickFor, refused } from "@sallyport/domain";
import { silentLog } from "@sallyport/server-kit";
import { settled } from "@sallyport/testkit";
import stepCounter from "@sallyport/testkit/step-counter";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

const autosaveMs = 10_000;

let world: HandMadeWorld;
beforeEach(() => {
  world = new HandMadeWorld({ autosaveMs });
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

/** Walks to `x`. The default is two cells east of the cell where players enter. */
async function walks(client: HandMadeClient, x = 12): Promise<void> {
  expect((await client.walk(x, 3)).ok).toBe(true);
  await world.clock.advance(10 * stepMs);
}

describe("a player that leaves", () => {
  test.each(["offline", "char-select"] as const)("is saved and releases its lock, for %s", async (to) => {
    const client = await world.plays();
    await walks(client);
    expect(await client.leave(to)).toEqual(accepted({}));
    const saved = { position: { map: "meadow", x: 12, y: 3 }, attributes: { gold: 7 } };
    expect(world.link.all("leave")).toMatchObject([{ to, saved }]);
    expect(world.population.count).toBe(0);
    expect(client.kickedFor).toBeNull();
  });

  test("releases its lock without a save if nothing has changed since the hand-over", async () => {
    const client = await world.plays();
    await client.leave();
    expect(world.link.all("leave")).toMatchObject([{ saved: null }]);
  });

  test("is saved on the cell that it reached, not on the one that it was walking to", async () => {
    const client = await world.plays();
    await client.walk(20, 3);
    await world.clock.advance(3.5 * stepMs);
    client.disconnect();
    expect(world.link.all("leave")[0]?.saved?.position).toEqual({ map: "meadow", x: 13, y: 3 });

    // The same is true for a step whose report still waits for other steps.
    const [earlier, later] = [await world.plays(), await world.plays()];
    await earlier.walk(20, 3);
    await world.clock.advance(10);
    await later.walk(20, 3);
    await world.clock.advance(stepMs + 5);
    later.disconnect();
    expect(world.link.all("leave")[1]?.saved?.position).toEqual({ map: "meadow", x: 11, y: 3 });
  });

  test("leaves once, however often it is asked to, and by whichever side", async () => {
    world.link.held.add("leave");
    const character = world.character();
    const client = await world.plays(character);
    const left = client.leave();
    world.population.kick(character, kickFor("logged-in-elsewhere"));
    client.disconnect();
    expect(world.population.count).toBe(1);
    world.link.answer("leave");
    expect(await left).toEqual(accepted({}));
    expect(world.link.all("leave")).toHaveLength(1);
    expect(world.population.count).toBe(0);
  });

  test("can do nothing more on the map", async () => {
    world.link.held.add("leave");
    const [client, other] = [await world.plays(), await world.plays()];
    const left = client.leave();
    expect(await client.walk(12, 3)).toEqual(refused("out-of-order"));
    expect(await client.say("still here")).toEqual(refused("out-of-order"));
    expect(await client.leave()).toEqual(refused("out-of-order"));
    expect(other.take("actor.said")).toEqual([]);
    world.link.answer("leave");
    await left;
  });

  test("leaves without an error if it is saved but its lock is not yet released", async () => {
    const lines: string[] = [];
    const write = (_: unknown, line: string): number => lines.push(line);
    const log = Object.assign(silentLog(), { info: write, warn: write, error: write });
    world = new HandMadeWorld({ host: { log: log as never } });
    world.link.held.add("leave");
    const client = await world.plays();
    const left = client.leave();
    world.link.answer("leave", accepted({ isReleased: false }));
    expect(await left).toEqual(accepted({}));
    expect(client.kickedFor).toBeNull();
    expect(lines).toEqual(["playing", "character lock not released yet"]);
    expect(world.population.count).toBe(0);
  });

  test.each([
    ["lock-lost", "lock-lost"],
    ["state-invalid", "save-failed"],
    ["unavailable", "save-failed"],
  ] as const)("is told when its last save was answered with %s", async (said, told) => {
    world.link.held.add("leave");
    const client = await world.plays();
    const left = client.leave();
    world.link.answer("leave", refused(said as never));
    await left;
    expect(client.kickedFor).toBe(told);
    expect(world.population.count).toBe(0);
  });
});

describe("a player that is kicked", () => {
  test("is told why once it is saved, and not before", async () => {
    world.link.held.add("leave");
    const character = world.character();
    const client = await world.plays(character);
    await walks(client);
    expect(world.population.kick(character, kickFor("logged-in-elsewhere"))).toBe(true);
    await settled();
    expect(client.isConnected).toBe(true);
    expect(world.link.all("leave")[0]?.saved).not.toBeNull();
    world.link.answer("leave");
    await settled();
    expect(client.kickedFor).toBe("logged-in-elsewhere");
    expect(world.population.count).toBe(0);
  });

  test("is told why it had to leave even if it took so long that the lock was lost", async () => {
    world.link.held.add("leave");
    const character = world.character();
    const client = await world.plays(character);
    world.population.kick(character, kickFor("logged-in-elsewhere"));
    world.population.forget(character, kickFor("lock-lost"));
    expect(client.kickedFor).toBe("logged-in-elsewhere");
    world.link.answer("leave");
    await settled();
    expect(world.population.count).toBe(0);
  });

  test("is exactly the one that the kick names: fence, character and account must match", async () => {
    const character = world.character();
    const client = await world.plays(character);
    for (const other of [{ charFence: 9 }, { charId: 9 }, { accountId: 9 }]) {
      expect(
        world.population.kick({ ...character, ...(other as object) }, kickFor("logged-in-elsewhere")),
      ).toBe(false);
    }
    await settled();
    expect(client.isConnected).toBe(true);
  });
});

test("players whose char-server is lost are dropped without a save, and told so, whatever they were doing", async () => {
  world.link.held.add("leave");
  const playing = await world.plays();
  await walks(playing);
  const leaving = await world.plays();
  void leaving.leave();
  world.population.expect(world.character());
  const askedBefore = world.link.asked.length;
  world.population.dropAll("cluster-link-lost");
  expect(playing.kickedFor).toBe("cluster-link-lost");
  expect(leaving.kickedFor).toBe("cluster-link-lost");
  expect(world.population.count).toBe(0);
  world.link.answer("leave", refused("unavailable" as never));
  await settled();
  expect(world.link.asked).toHaveLength(askedBefore);
});

test("a stopping server reports the end only after all players are saved and gone", async () => {
  const players = [await world.plays(), await world.plays(), await world.plays()];
  for (const player of players) await walks(player);
  world.population.expect(world.character());
  world.link.held.add("leave");
  let hasStopped = false;
  const stopped = world.population.stop("server-stopping").then(() => {
    hasStopped = true;
  });
  await settled();
  expect(world.link.all("leave")).toHaveLength(4);
  for (let index = 0; index < 4; index += 1) {
    expect(hasStopped).toBe(false);
    world.link.answer("leave");
    await settled();
  }
  await stopped;
  expect(players.map(({ kickedFor }) => kickedFor)).toEqual(new Array(3).fill("server-stopping"));
  expect(world.population.count).toBe(0);
});

describe("a periodic save", () => {
  test("is due for a changed player one period after the last save", async () => {
    const [walker, idler] = [await world.plays(), await world.plays()];
    await walks(walker);
    await world.clock.advance(autosaveMs - 10 * stepMs - 1);
    world.population.autosave();
    expect(world.link.all("save")).toEqual([]);
    await world.clock.advance(1);
    world.population.autosave();
    world.population.autosave();
    expect(world.link.all("save")).toMatchObject([{ saved: { position: { x: 12 } } }]);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    expect(world.link.all("save")).toHaveLength(1);
    await walker.leave();
    await idler.leave();
    expect(world.link.all("leave")).toMatchObject([{ saved: null }, { saved: null }]);
  });

  test("is due for a player that is where it was, but whose attributes changed on the way", async () => {
    world = new HandMadeWorld({ autosaveMs, played: { game: stepCounter } });
    const client = await world.plays();
    await walks(client, 12);
    await walks(client, 10);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    const got = { position: { x: 10 }, attributes: { gold: 7, steps: 4 } };
    expect(world.link.all("save")).toMatchObject([{ saved: got }]);
  });

  test("is repeated with the newest state when the link is back, if the link was lost", async () => {
    world.link.held.add("save");
    const client = await world.plays();
    await walks(client);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    world.link.answer("save", refused("no-link"));
    await settled();
    await walks(client, 14);
    world.population.autosave();
    expect(world.link.all("save")).toMatchObject([
      { saved: { position: { x: 12 } } },
      { saved: { position: { x: 14 } } },
    ]);
  });

  test("is repeated soon if its outcome is unknown", async () => {
    world.link.held.add("save");
    const client = await world.plays();
    await walks(client);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    world.link.answer("save", refused("unanswered" as never));
    await settled();
    await world.clock.advance(4_999);
    world.population.autosave();
    expect(world.link.all("save")).toHaveLength(1);
    await world.clock.advance(1);
    world.population.autosave();
    expect(world.link.all("save")).toHaveLength(2);
    expect(client.isConnected).toBe(true);
  });

  test("that fails for too long disconnects the player with a reason, and a successful one restarts the time", async () => {
    world.link.held.add("save").add("leave");
    const client = await world.plays();
    await walks(client);
    await world.clock.advance(autosaveMs);
    const triesFor = async (ms: number) => {
      for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
        world.population.autosave();
        if (client.isConnected && world.link.all("leave").length === 0) {
          world.link.answer("save", refused("unavailable"));
        }
        await world.clock.advance(10_000);
      }
    };
    await triesFor(290_000);
    world.population.autosave();
    world.link.answer("save");
    await settled();
    await walks(client, 14);
    await world.clock.advance(autosaveMs);
    await triesFor(300_000);
    expect(world.link.all("leave")).toEqual([]);
    await triesFor(10_000);
    expect(world.link.all("leave")).toMatchObject([{ to: "offline", saved: { position: { x: 14 } } }]);
    world.link.answer("leave", refused("unavailable"));
    await settled();
    expect(client.kickedFor).toBe("save-failed");
    expect(world.population.count).toBe(0);
  });

  test("does not queue up behind an unanswered one", async () => {
    world.link.held.add("save");
    const client = await world.plays();
    for (const x of [12, 10, 14]) {
      await walks(client, x);
      await world.clock.advance(autosaveMs);
      world.population.autosave();
    }
    expect(world.link.all("save")).toHaveLength(1);
    world.link.answer("save");
    await settled();
    world.population.autosave();
    expect(world.link.all("save")).toHaveLength(2);
  });

  test("that finds the lock lost disconnects the player at once, and releases what is left", async () => {
    world.link.held.add("save").add("leave");
    const client = await world.plays();
    await walks(client);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    world.link.answer("save", refused("lock-lost" as never));
    await settled();
    expect(client.kickedFor).toBe("lock-lost");
    world.link.answer("leave", refused("lock-lost" as never));
    await settled();
    expect(world.population.count).toBe(0);
  });

  test.each(["answered", "not answered"])("has no effect after a later save: %s", async (how) => {
    world.link.held.add("save");
    const client = await world.plays();
    await walks(client);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    if (how === "not answered") world.link.answer("save", refused("unanswered" as never));
    await walks(client, 10);
    await client.leave();
    // An autosave from a different cell is perhaps stored now, and perhaps only stored later. So this cell is saved
    // again.
    expect(world.link.all("leave")[0]?.saved?.position).toEqual({ map: "meadow", x: 10, y: 3 });
  });
});
