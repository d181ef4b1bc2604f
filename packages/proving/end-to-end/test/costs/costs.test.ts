import { firstActorId } from "@sallyport/domain";
import { CharConnection, type Game, LoginConnection, MapConnection } from "@sallyport/sdk";
import { must, settled } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expectCosts } from "./cost-table.ts";
import { CountedCluster, type Player, password } from "./counted-cluster.ts";
import { type Cost, doorTables, sum } from "./meter.ts";

/*
 * These tests count and do not measure time, so the results are the same on every machine. One more round
 * trip or byte is a failure. One less is a failure too, until `costs.txt` has the new number.
 */

const minuteMs = 60_000;
const spawn = { x: 2, y: 2 };
/** No walk in these tests has more steps. */
const longestWalk = 8;

let world: CountedCluster;
beforeEach(async () => {
  world = await CountedCluster.start();
});
afterEach(() => world.stop());

type Steps = Readonly<Record<string, () => Promise<unknown>>>;

/** The costs of each step in turn. */
async function costsOf(steps: Steps): Promise<Record<string, Cost>> {
  const costs: Record<string, Cost> = {};
  for (const [name, run] of Object.entries(steps)) costs[name] = await world.costOf(run);
  return costs;
}

const enterWorld = async (client: Player["client"]) =>
  must(await client.enterWorld(world.cluster.address.char));

test("a visit from login to leaving costs as much as the table says", async () => {
  const client = await world.newcomer("alice");
  let select: Awaited<ReturnType<typeof enterWorld>>;
  let game: Game;
  const costs = await costsOf({
    "log in": () => world.logIn(client, "alice"),
    "show ids at the char door": async () => {
      select = await enterWorld(client);
    },
    "choose, and enter the map": async () => {
      game = must(await select.choose(select.characters[0]!.charId));
    },
    "walk a step": async () => {
      must(await game.walk(spawn.x + 1, spawn.y));
      await world.steps(1);
    },
    leave: async () => must(await game.leave()),
  });
  expectCosts("A visit of the world", { ...costs, "all of it": sum(Object.values(costs)) });
});

test("each other command of a client costs as much as the table says", async () => {
  const client = await world.newcomer("alice");
  const newcomer = world.client();
  const bob = await world.player("bob");
  const carol = await world.player("carol");
  let select: Awaited<ReturnType<typeof enterWorld>>;
  const { clock } = world.cluster;
  const costs = await costsOf({
    "hop to another map-server": async () => {
      must(await carol.game.walk(8, 8));
      await world.steps(8);
      expect(carol.game.hops).toBe(1);
    },
    "walk a step, and be saved a minute later": async () => {
      must(await carol.game.walk(4, 3));
      await clock.advance(minuteMs + 2_000);
    },
    "walk a step, and ask for a save": async () => {
      must(await carol.game.walk(5, 3));
      await world.steps(1);
      must(await carol.game.save());
    },
    "go back to character select": async () => must(await carol.game.backToCharSelect()),
    register: async () => must(await newcomer.register({ name: "newcomer", password, sex: "male" })),
    "log in by a proof": () => world.logIn(client, "alice", "hashed"),
    "create a character": async () => {
      select = await enterWorld(client);
      world.meter.take();
      must(await select.create({ slot: 1, name: "second" }));
    },
    "delete a character": async () => must(await select.delete(select.characters[1]!.charId)),
    "leave character select": async () => select.leave(),
    "log in while at character select": () => world.logIn(world.client(), "carol"),
    "log in while playing": () => world.logIn(world.client(), "bob"),
  });
  expect(bob.game.isOpen).toBe(false);
  expectCosts("What else clients do", costs);
});

test("an idle minute costs as much as the table says", async () => {
  const { clock } = world.cluster;
  const aMinute = async (): Promise<Cost> => {
    world.meter.takeUpkeep();
    const cost = await world.costOf(() => clock.advance(minuteMs));
    return sum([cost, world.meter.takeUpkeep()]);
  };
  const empty = await aMinute();
  const alice = await world.player("alice");
  await clock.advance(minuteMs);
  const standing = await aMinute();
  must(await alice.game.backToCharSelect());
  await clock.advance(minuteMs);
  expectCosts("A minute in which nobody does anything", {
    "one login-, one char- and two map-servers": empty,
    "with a player who stands still": standing,
    "with a client at character select": await aMinute(),
  });
});

describe("with twenty players who see each other,", () => {
  const players: Player[] = [];
  /** The number of events that servers encoded. */
  let encoded = 0;
  beforeEach(async () => {
    players.length = 0;
    for (let nth = 1; nth <= 20; nth += 1) players.push(await world.player(`player_${nth}`));
    const encode = MessageCodec.prototype.encode;
    vi.spyOn(MessageCodec.prototype, "encode").mockImplementation(function (
      this: MessageCodec<never>,
      message,
      ttl,
    ) {
      if ((message as { type: string }).type in doorTables.map[1]) encoded += 1;
      return encode.call(this, message, ttl) as Uint8Array<ArrayBuffer>;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("each action of one or all of them costs as much as the table says", async () => {
    const [first] = players;
    const last = players.at(-1)!;
    must(await last.game.leave());
    let game: Game;
    const costs: Record<string, Record<string, number>> = {};
    const steps: Steps = {
      "one enters": async () => {
        game = await world.enter(last.client, last.name);
        await world.shown();
      },
      "one steps": async () => {
        must(await first!.game.walk(7, 7));
        await world.steps(1);
      },
      "all step at the same moment": async () => {
        const all = [...players.slice(0, -1).map((each) => each.game), game];
        await Promise.all(all.map(async (each) => must(await each.walk(8, 7))));
        await world.steps(1);
      },
      "one speaks": async () => {
        must(await first!.game.say("hello"));
        await world.shown();
      },
      "one leaves": async () => {
        must(await game.leave());
        await world.shown();
      },
    };
    for (const [name, run] of Object.entries(steps)) {
      await world.steps(longestWalk);
      encoded = 0;
      const { events, "client writes": writes, "bytes down": bytes } = await world.costOf(run);
      costs[name] = { encodings: encoded, events, "client writes": writes, "bytes down": bytes };
    }
    expectCosts("Twenty players who see each other", costs);
  });

  test("a map-server whose link comes back costs as much as the table says", async () => {
    const { clock, maps } = world.cluster;
    const cost = await world.costOf(async () => {
      world.meter.links.findLast(({ remote }) => remote === "map-1")?.destroy();
      await clock.advance(2_000);
    });
    expect(maps[0]!.isLinked).toBe(true);
    for (const { game } of players) expect(game.isOpen).toBe(true);
    expectCosts("A link that comes back under twenty players", { "all of it": cost });
  });
});

test("each client needs as many timers in its server as the table says", async () => {
  const { clock, address } = world.cluster;
  const client = await world.newcomer("alice");
  const { game } = await world.player("bob");
  const none = clock.timerCount;
  const more = () => ({ timers: clock.timerCount - none });
  const timers: Record<string, { timers: number }> = {};
  const atLogin = must(await LoginConnection.reach(address.login, world.connection));
  timers["who has said nothing yet"] = more();
  must(await atLogin.ask({ type: "login.salt", name: "alice" }));
  timers["at the login door"] = more();
  atLogin.close();
  await settled();
  await world.logIn(client, "alice");
  const select = await enterWorld(client);
  timers["at character select"] = more();
  const walking = must(await select.choose(select.characters[0]!.charId));
  await world.shown();
  timers["on a map"] = more();
  must(await walking.walk(5, 5));
  must(await game.walk(5, 5));
  timers["on a map where two walk"] = more();
  must(await walking.leave());
  must(await game.leave());
  await settled();
  expectCosts("Timers that servers hold for a client", timers);
});

/** Sends each command once, and gets each event once. */
async function sayEverything(): Promise<void> {
  const { cluster, connection } = world;
  const { address } = cluster;
  const account = { name: "walker", password };
  await world.newcomer("walker");
  const onlooker = await world.player("onlooker");

  const login = must(await LoginConnection.reach(address.login, connection));
  must(await login.ask({ type: "login.password", ...account }));
  must(await login.ask({ type: "login.password.telling", ...account }));
  const change = { newPassword: "a newer one", endOthers: false } as const;
  const changed = {
    type: "login.password.change",
    name: "walker",
    oldPassword: password,
    ...change,
  } as const;
  must(await login.ask(changed));
  must(await login.ask({ ...changed, oldPassword: change.newPassword, newPassword: password }));
  // This cluster sends no letters, so these are refused.
  const code = "0123456789abcdef";
  await login.ask({ type: "login.email.confirm", code });
  await login.ask({ type: "login.password.reset.ask", email: "walker@example.org" });
  await login.ask({ type: "login.password.reset", code, ...change });
  const client = world.client();
  await world.logIn(client, "walker", "hashed");
  const { accountId, loginId1, loginId2, sex } = client.ticket!;
  // This cluster gives no tokens either.
  await login.ask({ type: "login.token", accountId, loginId1, loginId2, sex, audience: null });
  const char = must(await CharConnection.reach(address.char, connection));
  const { characters } = must(await char.ask({ type: "char.enter", accountId, loginId1, loginId2, sex }));
  const spare = must(await char.ask({ type: "char.create", slot: 1, name: "spare" }));
  must(await char.ask({ type: "char.delete", charId: spare.charId }));
  const { charId } = characters[0]!;
  must(await char.ask({ type: "char.choose", charId }));
  const map = must(await MapConnection.reach(address.map, connection));
  must(await map.ask({ type: "map.enter", accountId, charId, loginId1, sex }));
  must(await map.ask({ type: "map.say", text: "hello" }));
  must(await map.ask({ type: "map.walk", x: 8, y: 8 }));
  await world.steps(8);
  // This world has no actors but players, so these are refused.
  const actor = firstActorId;
  await map.ask({ type: "map.report", x: 8, y: 8 });
  await map.ask({ type: "map.save" });
  await map.ask({ type: "room.enter", map: "lobby", at: null });
  await map.ask({ type: "map.click", actor });
  await map.ask({ type: "map.take", actor });
  await map.ask({ type: "dialogue.answer", actor, answer: { type: "choice", index: 1 } });
  await map.ask({ type: "shop.buy", actor, goods: [{ item: 501, amount: 3 }] });
  await map.ask({ type: "game.command", name: "chest.open", body: Uint8Array.of(0x81, 0xa1, 0x61, 0x01) });
  // The account has no role, so this is refused too.
  const order = { type: "map.order", order: "kick", player: "onlooker", text: "", minutes: 0 } as const;
  await map.ask(order);
  await world.logIn(world.client(), "onlooker");
  await settled();
  expect(onlooker.game.isOpen).toBe(false);
  const leaver = await world.player("leaver");
  must(await leaver.game.leave());
}

/** One event is only sent to clients of later versions, one only by gamemasters, the others only by a game. */
const neverSent = new Set([
  ...["client.unsupported", "dialogue.said", "dialogue.asked", "dialogue.paused", "dialogue.ended"],
  ...["shop.offered", "game.event", "character.changed", "actor.changed", "announced"],
]);

test("each command and each event takes as many bytes as the table says", async () => {
  await sayEverything();
  const { messages } = world.meter;
  await world.stop();
  // In this world a warp leads to a map of the same map-server.
  world = await CountedCluster.start([["north", "south"]]);
  await sayEverything();
  const most = (name: string) => {
    const both = [messages.get(name), world.meter.messages.get(name)].filter((each) => each !== undefined);
    return {
      sent: Math.max(...both.map(({ sent }) => sent)),
      answered: Math.max(...both.map(({ answered }) => answered)),
    };
  };
  const names = Object.values(doorTables).flatMap((tables) => tables.flatMap((table) => Object.keys(table)));
  const all = [...new Set(names)].filter((name) => !neverSent.has(name));
  expectCosts("Bytes of commands and events", Object.fromEntries(all.map((name) => [name, most(name)])));
});
