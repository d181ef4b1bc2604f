import { accepted, kickFor, refused } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

const autosaveMs = 10_000;
const warpX = 39;
const failed = ["unavailable", "unanswered", "no-link", "state-invalid"] as const;
const unavailable = refused("unavailable", expect.any(Number));

let world: HandMadeWorld;
let client: HandMadeClient;
let character: ReturnType<HandMadeWorld["character"]>;
beforeEach(async () => {
  world = new HandMadeWorld({ autosaveMs, hosted: ["meadow"] });
  character = world.character();
  client = await world.plays(character);
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

/** Walks from x = 10. */
async function walks(x: number): Promise<void> {
  expect((await client.walk(x, 3)).ok).toBe(true);
  await world.clock.advance(10 * stepMs);
}

/** Asks for a save. `answer` is null until the answer comes. */
function asks(): { answer: unknown } {
  const told: { answer: unknown } = { answer: null };
  void client.save().then((answer) => {
    told.answer = answer;
  });
  return told;
}

async function stored(answer: Parameters<typeof world.link.answer>[1] = accepted({})): Promise<void> {
  world.link.answer("save", answer);
  await settled();
}

const savedAt = (x: number) => ({ saved: { position: { map: "meadow", x, y: 3 } } });

describe("a save that a client asks for", () => {
  test("is made at once, under the fence of the player, and is answered when it is stored", async () => {
    world.link.held.add("save");
    await walks(12);
    const told = asks();
    await settled();
    expect(world.link.all("save")).toMatchObject([{ ...savedAt(12), charFence: character.charFence }]);
    expect(told.answer).toBeNull();
    await stored();
    expect(told.answer).toEqual(accepted({}));
    await client.leave();
    expect(world.link.all("leave")).toMatchObject([{ saved: null }]);
  });

  test("is answered without a save if the state is stored already, however often it is asked for", async () => {
    expect(await client.save()).toEqual(accepted({}));
    expect(world.link.all("save")).toEqual([]);
    await walks(12);
    for (let times = 0; times < 3; times += 1) expect(await client.save()).toEqual(accepted({}));
    expect(world.link.all("save")).toHaveLength(1);
  });

  test("waits for the save that is under way, and then saves what changed since that began", async () => {
    world.link.held.add("save");
    await walks(12);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    await walks(14);
    const told = asks();
    await settled();
    expect(world.link.all("save")).toHaveLength(1);
    await stored();
    expect(told.answer).toBeNull();
    expect(world.link.all("save")).toMatchObject([savedAt(12), savedAt(14)]);
    await stored();
    expect([told.answer, world.link.numbers]).toEqual([accepted({}), [1, 2]]);
  });

  test("is done with the save that is under way if nothing changed since", async () => {
    world.link.held.add("save");
    await walks(12);
    await world.clock.advance(autosaveMs);
    world.population.autosave();
    const told = asks();
    await stored();
    expect([told.answer, world.link.numbers]).toEqual([accepted({}), [1]]);
  });

  test("is made once a second at most, and the refusal says when to ask again", async () => {
    await walks(12);
    expect(await client.save()).toEqual(accepted({}));
    expect((await client.walk(13, 3)).ok).toBe(true);
    await world.clock.advance(3 * stepMs);
    expect(await client.save()).toEqual(refused("too-many", 1_000 - 3 * stepMs));
    await world.clock.advance(1_000 - 3 * stepMs - 1);
    expect(await client.save()).toEqual(refused("too-many", 1));
    await world.clock.advance(1);
    expect(await client.save()).toEqual(accepted({}));
    expect(world.link.all("save")).toMatchObject([savedAt(12), savedAt(13)]);
  });

  test("puts off the next periodic save", async () => {
    await walks(12);
    await world.clock.advance(autosaveMs - 2_000);
    await client.save();
    await walks(14);
    await world.clock.advance(autosaveMs - 10 * stepMs - 1);
    world.population.autosave();
    expect(world.link.all("save")).toHaveLength(1);
    await world.clock.advance(1);
    world.population.autosave();
    expect(world.link.all("save")).toMatchObject([savedAt(12), savedAt(14)]);
  });

  test.each(failed)("is refused as unavailable if its own save is answered with %s", async (refusal) => {
    world.link.held.add("save");
    await walks(12);
    const told = asks();
    await settled();
    await stored(refused(refusal));
    expect([told.answer, client.isConnected]).toEqual([unavailable, true]);
  });

  test("is refused at once without a link, and does not count as a save that failed", async () => {
    world.link.isUp = false;
    await walks(12);
    expect(await client.save()).toEqual(unavailable);
    expect(world.link.all("save")).toEqual([]);
    world.link.isUp = true;
    expect(await client.save()).toEqual(accepted({}));
  });

  test("waits like a periodic one after a save that failed, and the refusal says how long", async () => {
    world.link.held.add("save");
    await walks(12);
    const first = asks();
    await settled();
    await stored(refused("unavailable"));
    expect(first.answer).toEqual(unavailable);
    expect(await client.save()).toEqual(refused("unavailable", 5_000));
    expect(world.link.all("save")).toHaveLength(1);
    await world.clock.advance(5_000);
    const again = asks();
    await settled();
    await stored();
    expect([again.answer, world.link.numbers]).toEqual([accepted({}), [1, 2]]);
  });

  test("is out of order before the client has entered, and after it has left", async () => {
    expect(await world.client().save()).toEqual(refused("out-of-order"));
    await client.leave();
    expect(await client.save()).toEqual(refused("out-of-order"));
  });
});

describe("a client that waits for its save", () => {
  let told: { answer: unknown };
  beforeEach(async () => {
    for (const kind of ["save", "hop", "leave"] as const) world.link.held.add(kind);
    character = world.character();
    client = await world.plays(character, { x: 36 });
    await client.walk(38, 3);
    await world.clock.advance(5 * stepMs);
    told = asks();
    await settled();
    expect(world.link.all("save")).toHaveLength(1);
  });

  const hops = async (): Promise<void> => {
    await client.walk(warpX, 3);
    await world.clock.advance(2 * stepMs);
    expect(world.link.all("hop")).toHaveLength(1);
  };
  const door = { host: "other", port: 7, wsUrl: null, otherDoors: [] };

  test("is sent on to the next map-server by a hop that overtakes the save", async () => {
    await hops();
    await stored(refused("lock-lost"));
    expect(told.answer).toBeNull();
    world.link.answer("hop", accepted({ ...door, near: [] }));
    await settled();
    expect(client.events.at(-1)).toMatchObject({ type: "map.hop", ...door });
    expect(client.isConnected).toBe(false);
    expect(told.answer).toEqual(unavailable);
  });

  test("is answered when the hop has failed: by what is stored of its own save", async () => {
    await hops();
    await stored();
    world.link.answer("hop", refused("map-unavailable"));
    await settled();
    expect([told.answer, client.isConnected]).toEqual([accepted({}), true]);
  });

  test("that began to wait during a hop is saved when the hop has failed", async () => {
    await stored();
    await hops();
    told = asks();
    await settled();
    expect([told.answer, world.link.all("save")]).toMatchObject([null, [savedAt(38)]]);
    await world.clock.advance(1_000);
    world.link.answer("hop", refused("map-unavailable"));
    await settled();
    await stored();
    expect([told.answer, world.link.numbers]).toEqual([accepted({}), [1, 2, 3]]);
  });

  test("is answered as unavailable when the hop has failed and the save before it too", async () => {
    await hops();
    await stored(refused("unavailable"));
    world.link.answer("hop", refused("map-unavailable"));
    await settled();
    expect([told.answer, client.isConnected]).toEqual([unavailable, true]);
  });

  test("is answered at once when it is kicked, and told the reason when it is saved", async () => {
    world.population.kick(character, kickFor("logged-in-elsewhere"));
    await settled();
    expect([told.answer, client.isConnected]).toEqual([unavailable, true]);
    await stored();
    world.link.answer("leave");
    await settled();
    expect(client.kickedFor).toBe("logged-in-elsewhere");
  });

  test("is answered at once when the server stops, and told so when it is saved", async () => {
    void world.population.stop("server-stopping");
    await settled();
    expect([told.answer, client.isConnected]).toEqual([unavailable, true]);
    for (let players = 2; players > 0; players -= 1) world.link.answer("leave");
    await settled();
    expect(client.kickedFor).toBe("server-stopping");
  });

  test("is disconnected when the save finds the lock lost", async () => {
    await stored(refused("lock-lost"));
    expect([told.answer, client.kickedFor]).toEqual([unavailable, "lock-lost"]);
  });

  test("is disconnected when the lock is lost before the save is answered", async () => {
    world.population.forget(character, kickFor("lock-lost"));
    await settled();
    expect([told.answer, client.kickedFor]).toEqual([unavailable, "lock-lost"]);
    await stored();
  });

  test("is waited for no longer once it has disconnected, and its last state is saved as it leaves", async () => {
    client.disconnect();
    await settled();
    expect(told.answer).toEqual(unavailable);
    expect(world.link.all("leave")).toMatchObject([savedAt(38)]);
    expect(world.link.numbers).toEqual([1, 2]);
  });
});
