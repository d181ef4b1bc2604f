import { accepted, kickFor, refused } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { WireError } from "@sallyport/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

let world: HandMadeWorld;
beforeEach(() => {
  world = new HandMadeWorld();
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

const newClient = (): HandMadeClient => world.client();

describe("a character that is expected", () => {
  test("is entered by the client that shows its ids, and the client is told where it stands", async () => {
    const character = world.character();
    expect(world.population.expect(character)).toEqual(accepted({}));
    const entered = await newClient().enter(character);
    expect(entered).toMatchObject({
      ok: true,
      value: { charId: character.charId, name: character.name, position: character.position, stepMs },
    });
    expect(world.link.asked).toEqual([
      { kind: "enter", charId: character.charId, charFence: character.charFence },
    ]);
    expect(world.population.count).toBe(1);
  });

  test("gets a cell of its own at its first visit, and later the cell on which it was saved", async () => {
    const [first, second, third] = [1, 1, 2].map((charFence) => world.character({ charFence }));
    const cells: unknown[] = [];
    for (const character of [first, second, third]) {
      if (character === undefined) throw new Error("no character");
      world.population.expect(character);
      const entered = await newClient().enter(character);
      cells.push(entered.ok && entered.value.position);
    }
    const at = first?.position;
    expect(cells).toEqual([at, { ...at, x: (at?.x ?? 0) + 1 }, at]);
  });

  test.each(["accountId", "charId", "loginId1"] as const)("is not entered with another %s", async (id) => {
    const character = world.character();
    world.population.expect(character);
    expect(await newClient().enter({ ...character, [id]: 77 })).toEqual(refused("not-expected"));
    expect(world.link.asked).toEqual([]);
    expect((await newClient().enter(character)).ok).toBe(true);
  });

  test("is not entered with another sex", async () => {
    const character = world.character();
    world.population.expect(character);
    expect(await newClient().enter({ ...character, sex: "male" })).toEqual(refused("not-expected"));
    expect(world.link.asked).toEqual([]);
    expect((await newClient().enter(character)).ok).toBe(true);
  });

  test("is entered once, and a client enters once", async () => {
    const character = world.character();
    const client = await world.plays(character);
    expect(await newClient().enter(character)).toEqual(refused("not-expected"));
    expect(await client.enter(character)).toEqual(refused("out-of-order"));
    expect(client.isConnected).toBe(true);
  });

  test.each(["{oops", "", "null", "7", "[1]"])("with malformed attributes is nonsense: %s", (attributes) => {
    expect(() => world.population.expect({ ...world.character(), attributes })).toThrow(WireError);
    expect(world.population.count).toBe(0);
  });

  test("is given up if no client comes for it in twice the time", async () => {
    const character = world.character();
    world.population.expect(character);
    await world.clock.advance(2 * character.waitMs - 1);
    expect(world.population.count).toBe(1);
    await world.clock.advance(1);
    expect(world.population.count).toBe(0);
    expect(world.link.asked).toEqual([]);

    const player = await world.plays();
    await world.clock.advance(4 * character.waitMs);
    expect(player.isConnected).toBe(true);
    expect(world.population.count).toBe(1);
  });

  const ends: Record<string, (character: ReturnType<HandMadeWorld["character"]>) => unknown> = {
    "plays and leaves": async (character) => (await world.plays(character)).leave(),
    "plays and disconnects": async (character) => (await world.plays(character)).disconnect(),
    "is forgotten": (character) => world.population.forget(character, kickFor("lock-lost")),
    "is kicked": (character) => world.population.kick(character, kickFor("logged-in-elsewhere")),
    "is handed over anew": (character) => {
      world.population.expect({ ...character, charFence: (character.charFence + 1) as never });
      world.population.forget(
        { ...character, charFence: (character.charFence + 1) as never },
        kickFor("lock-lost"),
      );
    },
    "does not come": (character) => world.clock.advance(2 * character.waitMs),
  };
  test.each(Object.keys(ends))("leaves no timer behind when it %s", async (how) => {
    const before = world.clock.timerCount;
    const character = world.character();
    world.population.expect(character);
    if (!how.startsWith("plays")) expect(world.clock.timerCount).toBe(before + 1);
    else world.population.forget(character, kickFor("lock-lost"));
    await ends[how]?.(character);
    await settled();
    expect(world.population.count).toBe(0);
    expect(world.clock.timerCount).toBe(before);
  });

  test("is forgotten without a save, but not by a message about another fence or character", async () => {
    const character = world.character();
    world.population.expect(character);
    const { accountId, charId, charFence } = character;
    world.population.forget({ accountId, charId, charFence: (charFence + 1) as never }, kickFor("lock-lost"));
    world.population.forget({ accountId, charId: 9 as never, charFence }, kickFor("lock-lost"));
    expect(world.population.count).toBe(1);
    world.population.forget(character, kickFor("lock-lost"));
    expect(world.population.count).toBe(0);
    expect(await newClient().enter(character)).toEqual(refused("not-expected"));
    expect(world.link.asked).toEqual([]);
  });

  test("is kicked before a client came: its lock is released without a save", async () => {
    const character = world.character();
    world.population.expect(character);
    expect(world.population.kick(character, kickFor("logged-in-elsewhere"))).toBe(true);
    await settled();
    expect(world.link.all("leave")).toMatchObject([{ to: "offline", saved: null }]);
    expect(world.population.count).toBe(0);
  });

  test("is refused if its map is not hosted, if the server is full, and while it stops", async () => {
    world = new HandMadeWorld({ hosted: ["moor"], playersMax: 2 });
    const { population } = world;
    const onMoor = (of: Parameters<HandMadeWorld["character"]>[0] = {}) => ({
      ...world.character(of),
      position: { map: "moor", x: 1, y: 1 },
    });
    expect(population.expect(world.character())).toEqual(refused("map-not-hosted"));
    const first = onMoor({ accountId: 1 });
    expect(population.expect(first).ok).toBe(true);
    expect(population.expect(onMoor({ accountId: 2 })).ok).toBe(true);
    expect(population.expect(onMoor())).toEqual(refused("full"));
    // An account that is already on the server takes no second place.
    expect(population.expect(onMoor({ accountId: 1, charFence: 3 })).ok).toBe(true);
    await population.stop("server-stopping");
    expect(population.expect(onMoor())).toEqual(refused("stopping"));
  });
});

describe("an account that is expected again", () => {
  test("replaces the player that is here, who is dropped without a save and told so", async () => {
    const older = await world.plays(world.character({ accountId: 1, accountFence: 1 }));
    await older.walk(12, 3);
    await world.clock.advance(5 * stepMs);
    const newer = await world.plays(world.character({ accountId: 1, accountFence: 2, charFence: 3 }));
    expect(older.kickedFor).toBe("lock-lost");
    expect(newer.isConnected).toBe(true);
    expect(world.link.all("save")).toEqual([]);
    expect(world.link.all("leave")).toEqual([]);
    expect(world.population.count).toBe(1);
  });

  const held = { accountId: 1, accountFence: 5, charId: 50, charFence: 3 };
  test.each([
    ["an older login, with the same character", { accountFence: 4, charFence: 2 }],
    [
      "an older login, with another character that was owned more often",
      { accountFence: 4, charId: 51, charFence: 9 },
    ],
    ["an older choice of the same login", { charFence: 2 }],
  ])("is refused if it is %s", async (_, late) => {
    const here = await world.plays(world.character(held));
    expect(world.population.expect(world.character({ ...held, ...late }))).toEqual(refused("stale-fence"));
    expect(here.isConnected).toBe(true);
  });

  test.each([
    ["another character of the same login", { charId: 51, charFence: 1 }],
    ["a newer choice of the same login", { charFence: 4 }],
    ["the same hand-over once more", {}],
  ])("replaces the player that is here if it is %s", async (_, next) => {
    const here = await world.plays(world.character(held));
    expect(world.population.expect(world.character({ ...held, ...next }))).toEqual(accepted({}));
    expect(here.kickedFor).toBe("lock-lost");
  });

  test("is not confused with the player that is leaving", async () => {
    const leaving = await world.plays(world.character({ accountId: 1 }));
    world.link.held.add("leave");
    leaving.disconnect();
    const newer = await world.plays(world.character({ accountId: 1, accountFence: 2, charFence: 3 }));
    world.link.answer("leave");
    await settled();
    expect(world.population.count).toBe(1);
    expect(await newer.say("hello")).toEqual(accepted({}));
  });
});

describe("while the char-server is asked whether a client may enter,", () => {
  const entering = async () => {
    world.link.held.add("enter");
    const character = world.character();
    world.population.expect(character);
    const client = newClient();
    const answer = client.enter(character);
    await settled();
    return { character, client, answer };
  };

  test("a kick waits for the answer, then releases the lock and tells the reason", async () => {
    const neighbour = await world.plays();
    const { character, client, answer } = await entering();
    expect(world.population.kick(character, kickFor("logged-in-elsewhere"))).toBe(true);
    // The player gets the reason of the first kick, even after a second kick.
    expect(world.population.kick(character, kickFor("server-stopping"))).toBe(true);
    await settled();
    expect(world.link.all("leave")).toEqual([]);
    world.link.answer("enter");
    expect(await answer).toEqual(refused("not-expected"));
    await settled();
    expect(client.kickedFor).toBe("logged-in-elsewhere");
    expect(world.link.all("leave")).toMatchObject([{ to: "offline", saved: null }]);
    expect(world.population.count).toBe(1);
    expect(neighbour.events).toEqual([]);
  });

  test("the loss of the lock ends the entry, and nothing more is asked", async () => {
    const { character, client, answer } = await entering();
    world.population.forget(character, kickFor("lock-lost"));
    expect(client.kickedFor).toBe("lock-lost");
    world.link.answer("enter");
    expect(await answer).toEqual(refused("not-expected"));
    expect(world.link.asked).toHaveLength(1);
    expect(world.population.count).toBe(0);
  });

  test.each([
    ["lock-lost", "not-expected"],
    ["unavailable", "unavailable"],
    ["unanswered", "unavailable"],
  ] as const)(
    "the answer %s makes it release the lock, if there is one, and tell the client %s",
    async (said, told) => {
      const { client, answer } = await entering();
      world.link.held.add("leave");
      world.link.answer("enter", refused(said as never));
      expect(await answer).toEqual(refused(told));
      expect(world.link.all("leave")).toMatchObject([{ to: "offline", saved: null }]);
      world.link.answer("leave", refused("lock-lost" as never));
      await settled();
      expect(world.population.count).toBe(0);
      // The answer is the last message, and no event follows it.
      expect(client.events).toEqual([]);
    },
  );

  test("a client that disconnects leaves no player behind, in any turn of the event loop", async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      world = new HandMadeWorld();
      const { client, answer } = await entering();
      world.link.answer("enter");
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      client.disconnect();
      await answer;
      await settled();
      expect([turns, world.population.count]).toEqual([turns, 0]);
      expect(world.link.all("leave")).toHaveLength(1);
    }
  });

  test("a stopping server releases the character once, and puts no player on the map any more", async () => {
    const neighbour = await world.plays();
    const { client, answer } = await entering();
    world.link.held.add("leave");
    const stopped = world.population.stop("server-stopping");
    world.link.answer("enter");
    expect(await answer).toEqual(refused("not-expected"));
    world.link.answer("leave");
    world.link.answer("leave");
    await stopped;
    expect(client.kickedFor).toBe("server-stopping");
    expect(neighbour.take("actor.appeared")).toEqual([]);
    expect(world.link.all("leave")).toHaveLength(2);
    expect(world.population.count).toBe(0);
  });
});
