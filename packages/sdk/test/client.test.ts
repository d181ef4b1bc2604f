import { type KickReason, refused } from "@sallyport/domain";
import { must, until } from "@sallyport/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type Client,
  type ConnectionEnd,
  Credentials,
  createClient,
  type DoorName,
  type Game,
  type GameEvent,
  retrying,
} from "../src/index.ts";
import { addresses, MemoryCluster } from "./memory-cluster.ts";
import { apple, guide } from "./memory-map.ts";

const account = { name: "Alice", password: "correct horse" };
// The whole file shares these credentials: the salt is always the same, so one slow derivation is enough.
const credentials = new Credentials();
let cluster: MemoryCluster;
let client: Client;
let ends: [DoorName, ConnectionEnd["reason"]][];

const newClient = (): Client =>
  createClient({
    connect: cluster.connect,
    login: addresses.login,
    credentials,
    onConnectionEnd: (door, end) => ends.push([door, end.reason]),
  });

/** Enters the map. Creates a character if the account has none. */
async function enterGame(player: Client = client): Promise<Game> {
  const { worlds } = must(await player.logIn(account));
  const select = must(await player.enterWorld(worlds[0] ?? addresses.char));
  const character = select.characters[0] ?? must(await select.create({ slot: 0, name: "Aoi" }));
  return must(await select.choose(character.charId));
}

beforeEach(async () => {
  cluster = new MemoryCluster();
  ends = [];
  client = newClient();
  must(await client.register({ ...account, sex: "female" }));
  cluster.connections.length = 0;
});

describe("the way through the doors", () => {
  it("leads from login through character select to the map and back", async () => {
    const login = must(await client.logIn(account));
    expect(login.lastLoginMs).toBeNull();
    const select = must(await client.enterWorld(login.worlds[0] ?? addresses.char));
    expect(select.characters).toEqual([]);
    const created = must(await select.create({ slot: 1, name: "Aoi" }));
    const game = must(await select.choose(created.charId));
    expect(game.name).toBe("Aoi");
    const back = must(await game.backToCharSelect());
    expect(back.characters).toEqual([created]);
    const again = must(await back.choose(created.charId));
    must(await again.leave());
    expect(cluster.doorsVisited).toEqual(["login", "char", "map", "char", "map"]);
    expect(await again.closed).toMatchObject({ reason: "left" });
  });

  it("gives an identity token while the login lasts, also when the client is on a map", async () => {
    expect(await client.identityToken()).toEqual(refused("not-logged-in"));
    const game = await enterGame();
    expect(must(await client.identityToken("boards")).token).toBe("Alice at boards");
    expect(must(await client.identityToken())).toEqual({ token: "Alice at any", expiresS: 1_900_000_000 });
    must(await game.leave());
    const older = client;
    must(await newClient().logIn(account));
    expect(await older.identityToken()).toEqual(refused("not-logged-in"));
  });

  it("begins at the char-server with an authentication id, and stays behind once a newer login has its own", async () => {
    const { accountId, loginId1, loginId2, sex } = must(await client.logIn(account));
    const id = Buffer.alloc(16);
    for (const [nth, half] of [accountId, loginId1, loginId2].entries()) id.writeUInt32BE(half, 4 * nth);
    expect(sex).toBe("female");
    id.writeUInt32BE(0x7fff_ffff, 12);
    const other = newClient();
    const select = must(await other.resume(id, addresses.char));
    expect(other.ticket).toEqual(client.ticket);
    select.leave();
    const isFree = () => [...cluster.accounts.values()].every(({ kick }) => kick === null);
    await until(isFree, { what: "nobody has the account" });
    must(await client.logIn(account));
    expect(await newClient().resume(id, addresses.char)).toEqual(refused("not-logged-in"));
    expect(await newClient().resume(id.subarray(1), addresses.char)).toEqual(refused("not-logged-in"));
  });

  it("continues to another map-server by itself, and the game sees only that the map changed", async () => {
    const game = await enterGame();
    const events: string[] = [];
    game.on(({ type }) => events.push(type));
    cluster.passOn(game.charId);
    await until(() => game.hops === 1, { what: "the client is behind the other door" });
    expect([game.isOpen, events]).toEqual([true, ["map.changed"]]);
    must(await game.walk(7, 5));
    await until(() => game.position.x === 7, { what: "it walks there" });
    cluster.passOn(game.charId);
    must(await game.leave());
    expect(game.hops).toBe(2);
    expect(await game.closed).toMatchObject({ reason: "left" });
    expect(cluster.doorsVisited).toEqual(["login", "char", "map", "map", "map"]);
    expect(cluster.map.walkers.size).toBe(0);
  });

  it("repeats unanswered requests at the next map-server, except a walk on the map that it left", async () => {
    const game = await enterGame();
    const said = game.say("hello");
    const saved = game.save();
    const walked = game.walk(7, 5);
    cluster.passOn(game.charId);
    for (const answer of [said, saved]) expect(await answer).toEqual({ ok: true, value: {} });
    expect(await walked).toMatchObject({ refusal: "unavailable", retryAfterMs: expect.any(Number) });
  });

  it("ends if the next map-server does not admit the client", async () => {
    const game = await enterGame();
    cluster.script = (command) => (command.type === "map.enter" ? refused("not-expected") : null);
    cluster.passOn(game.charId);
    const end = await game.closed;
    expect(end).toMatchObject({ reason: "disconnected", detail: expect.stringContaining("not-expected") });
    expect(game.isOpen).toBe(false);
    expect(await game.say("hello")).toMatchObject({ refusal: "disconnected" });
  });

  it("ends as banned if a ban meets the client on the way, and says until when and why", async () => {
    const game = await enterGame();
    const ban = { reason: "banned", untilMs: Date.UTC(2099, 0), text: "spam" } as const;
    cluster.script = (command) => (command.type === "map.enter" ? ban : null);
    cluster.passOn(game.charId);
    expect(await game.closed).toMatchObject({ ...ban, untilMs: expect.closeTo(ban.untilMs, -4) });
  });

  it("can be closed on the way", async () => {
    const game = await enterGame();
    cluster.script = (command) => {
      if (command.type === "map.enter") game.destroy();
      return null;
    };
    cluster.passOn(game.charId);
    expect(await game.closed).toMatchObject({ reason: "left" });
    await until(() => cluster.map.walkers.size === 0, { what: "no player is there" });
    expect(game.isOpen).toBe(false);
  });

  it("never has two connections open at once", async () => {
    const open = new Set<DoorName>();
    const counting = createClient({
      connect: async (address, withinMs, to) => {
        const channel = await cluster.connect(address, withinMs, to);
        const door = cluster.connections.at(-1)?.door ?? "login";
        expect([...open]).toEqual([]);
        open.add(door);
        return {
          ...passThrough(channel),
          close: () => {
            open.delete(door);
            channel.close();
          },
        };
      },
      login: addresses.login,
      credentials,
    });
    const game = await enterGame(counting);
    must(await must(await game.backToCharSelect()).choose(game.charId));
    expect([...open]).toEqual(["map"]);
  });

  it("shows the same login ids when it comes back to character select", async () => {
    const shown: unknown[] = [];
    cluster.script = (command) => {
      if (command.type === "char.enter") shown.push(command.loginId1);
      return null;
    };
    const game = await enterGame();
    must(await game.backToCharSelect());
    expect(shown).toHaveLength(2);
    expect(shown[0]).toBe(shown[1]);
  });

  it("logs in by the raw password too", async () => {
    const commands: string[] = [];
    cluster.script = (command) => {
      commands.push(command.type);
      return null;
    };
    must(await client.logIn({ ...account, way: "raw" }));
    expect(commands).toEqual(["login.password"]);
  });

  it("does not send the password by default", async () => {
    let said = "";
    cluster.script = (command) => {
      said += JSON.stringify(command);
      return null;
    };
    must(await client.logIn(account));
    expect(said).toContain("login.prove");
    expect(said).not.toContain(account.password);
  });

  it("refuses a server that replays an answer from an earlier login", async () => {
    must(await client.logIn(account));
    expect(cluster.overheard).not.toBeNull();
    cluster.replayed = cluster.overheard;
    expect(await client.logIn(account)).toEqual({ ok: false, refusal: "server-not-genuine" });
  });

  it("keeps the list of characters up to date", async () => {
    const { worlds } = must(await client.logIn(account));
    const select = must(await client.enterWorld(worlds[0] ?? addresses.char));
    const second = must(await select.create({ slot: 2, name: "Second" }));
    const first = must(await select.create({ slot: 0, name: "First" }));
    expect(select.characters).toEqual([first, second]);
    must(await select.delete(second.charId));
    expect(select.characters).toEqual([first]);
  });
});

describe("in the world", () => {
  it("reports each step of its own walk, and knows its position", async () => {
    const game = await enterGame();
    const moves: GameEvent[] = [];
    game.on((event) => moves.push(event));
    expect(must(await game.walk(8, 5)).steps).toBe(3);
    await until(() => game.position.x === 8, { what: "the walk ends" });
    expect(moves.map((event) => event.type === "actor.moved" && event.x)).toEqual([6, 7, 8]);
  });

  it("passes earlier events to the first listener", async () => {
    const bystander = newClient();
    must(await bystander.register({ name: "Bob", password: "other", sex: "male" }));
    const { worlds } = must(await bystander.logIn({ name: "Bob", password: "other" }));
    const select = must(await bystander.enterWorld(worlds[0] ?? addresses.char));
    const { charId } = must(await select.create({ slot: 0, name: "Bob" }));
    must(await select.choose(charId));

    const game = await enterGame();
    expect([...game.actors.keys()]).toEqual([charId]);
    const heard: GameEvent[] = [];
    game.on((event) => heard.push(event));
    expect(heard).toMatchObject([{ type: "actor.appeared", name: "Bob" }]);
  });

  it("asks for a save, plays on, and learns when it asked too often", async () => {
    const game = await enterGame();
    expect(must(await game.save())).toEqual({});
    cluster.script = (command) => (command.type === "map.save" ? refused("too-many", 400) : null);
    expect(await game.save()).toEqual(refused("too-many", 400));
    must(await game.walk(6, 5));
    expect(game.isOpen).toBe(true);
  });

  it("gets its own chat lines", async () => {
    const game = await enterGame();
    const said: GameEvent[] = [];
    game.on((event) => said.push(event));
    must(await game.say("hello"));
    await until(() => said.length > 0, { what: "the echo" });
    expect(said).toMatchObject([{ type: "actor.said", name: "Aoi", text: "hello" }]);
  });

  it("talks to an actor, and buys what it offers", async () => {
    const game = await enterGame();
    const heard: GameEvent[] = [];
    game.on((event) => heard.push(event));
    must(await game.click(guide));
    expect(heard.splice(0)).toEqual([
      { type: "dialogue.said", actor: guide, text: "Welcome" },
      { type: "dialogue.asked", actor: guide, choices: ["Bye", "Buy"] },
    ]);
    must(await game.answer(guide, { type: "choice", index: 1 }));
    expect(heard.splice(0)).toEqual([{ type: "shop.offered", actor: guide, goods: [apple] }]);
    must(await game.buy(guide, [{ item: apple.item, amount: 1 }]));
    expect(await game.buy(guide, [{ item: apple.item, amount: 9 }])).toEqual(refused("too-dear"));
    must(await game.answer(guide, { type: "choice", index: 0 }));
    expect(heard).toEqual([{ type: "dialogue.ended", actor: guide }]);
    expect(await game.answer(guide, { type: "next" })).toEqual(refused("no-dialogue"));
    expect(await game.take(guide)).toEqual(refused("no-such-actor"));
    expect(await game.click(guide + 1)).toEqual(refused("no-such-actor"));
  });

  it("returns to the cell that it left", async () => {
    const game = await enterGame();
    must(await game.walk(9, 9));
    await until(() => game.position.y === 9, { what: "the walk ends" });
    must(await game.leave());
    expect((await enterGame()).position).toEqual({ map: "yard", x: 9, y: 9 });
  });

  it("reports the reason of a kick before the end", async () => {
    const game = await enterGame();
    const order: string[] = [];
    game.on((event) => order.push(event.type === "client.kicked" ? event.reason : event.type));
    void game.closed.then(() => order.push("closed"));
    expect(await newClient().logIn(account)).toMatchObject({ ok: false, refusal: "already-online" });
    expect((await game.closed).reason).toBe<KickReason>("logged-in-elsewhere");
    await until(() => order.length === 2, { what: "both are told" });
    expect(order).toEqual(["logged-in-elsewhere", "closed"]);
  });

  it("admits a newer client once the older one has gone", async () => {
    await enterGame();
    const waits: number[] = [];
    const again = (refusal: { retryAfterMs?: number }): boolean => waits.push(refusal.retryAfterMs ?? 0) > 0;
    must(await retrying(() => newClient().logIn(account), { attemptsMax: 5, again }));
    expect(waits).toEqual([5]);
  });

  it("reports a close without a reason as disconnected", async () => {
    const game = await enterGame();
    cluster.connections.at(-1)?.channel.destroy();
    expect(await game.closed).toMatchObject({ reason: "disconnected", cause: "closed-there" });
    expect(await game.say("anyone?")).toEqual({ ok: false, refusal: "disconnected" });
  });

  it("counts as left when the server closes together with its answer", async () => {
    const game = await enterGame();
    const { channel } = cluster.connections.at(-1) ?? {};
    cluster.script = (command) => {
      if (command.type === "map.leave") queueMicrotask(() => queueMicrotask(() => channel?.close()));
      return null;
    };
    must(await game.leave());
    expect((await game.closed).reason).toBe("left");
  });

  it("reports the end of every connection", async () => {
    ends.length = 0;
    const game = await enterGame();
    must(await game.leave());
    await game.closed;
    expect(ends).toEqual([
      ["login", "left"],
      ["char", "left"],
      ["map", "left"],
    ]);
  });
});

function passThrough(channel: Awaited<ReturnType<MemoryCluster["connect"]>>) {
  return {
    transport: channel.transport,
    remote: channel.remote,
    listen: channel.listen.bind(channel),
    send: channel.send.bind(channel),
    bufferedBytes: channel.bufferedBytes.bind(channel),
    pause: channel.pause.bind(channel),
    resume: channel.resume.bind(channel),
    close: channel.close.bind(channel),
    destroy: channel.destroy.bind(channel),
  };
}
