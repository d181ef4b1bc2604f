import { accepted, refused } from "@sallyport/domain";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CharServerScene } from "./char-server-scene.ts";
import { type Expected, HandMadeMapServer, held } from "./hand-made-map-server.ts";

let scene: CharServerScene;
/** The gamemaster plays on `map-1`, and Bob too. */
let gamemaster: Expected;
let bob: Expected;
let other: HandMadeMapServer;
beforeEach(async () => {
  scene = await CharServerScene.start();
  other = new HandMadeMapServer(scene.clock, (channel) => scene.char.acceptMapServer(channel), "map-2", [
    "forest",
  ]);
  await other.start();
  await scene.clock.advance(1_000);
  gamemaster = await scene.plays();
  bob = await playsAs("Bob");
  await scene.stores.accounts.setRole({ accountId: gamemaster.accountId, role: "administrator" });
});
afterEach(() => {
  expect(scene.bugs).toEqual([]);
});

async function playsAs(name: string): Promise<Expected> {
  const { accounts, characters } = scene.stores;
  const parameters = { memoryKib: 8, iterations: 1, parallelism: 1 };
  const keys = { salt: new Uint8Array(16), storedKey: new Uint8Array(32), serverKey: new Uint8Array(32) };
  const made = await accounts.create({ name, sex: "male", credential: { ...keys, ...parameters } });
  if (!made.ok) throw new Error(made.refusal);
  const { accountId } = made.value;
  const raised = await accounts.raiseFence(accountId);
  if (!raised.ok) throw new Error(raised.refusal);
  const of = { accountId, accountFence: raised.value.fence, world: "Alpha", slot: 0, name };
  const created = await characters.create({ ...of, position: { map: "harbour", x: 1, y: 1 } });
  if (!created.ok) throw new Error(created.refusal);
  [scene.accountId, scene.charId] = [accountId, created.value.charId];
  return scene.plays();
}

const position = { map: "forest", x: 7, y: 8 };
const ask = <A>(from: HandMadeMapServer, order: Parameters<HandMadeMapServer["link"]["ask"]>[0]) =>
  scene.now(from.link.ask(order as never, 3_000) as Promise<A>);
const order = (what: object, from = scene.map) =>
  ask<unknown>(from, { ...held(gamemaster), ...what } as never);

describe("a gamemaster's order about a player", () => {
  test("to kick it makes its map-server save it and let it go", async () => {
    expect(await order({ type: "order.kick", player: "BOB", text: "" })).toEqual(accepted({}));
    const told = { untilMs: null, text: null };
    expect(scene.map.kicked).toMatchObject([{ ...held(bob), told: { reason: "kicked", ...told } }]);
  });

  test("is in the trail of the player with the gamemaster's account, and only if it was carried out", async () => {
    await order({ type: "order.kick", player: "nobody", text: "" });
    await order({ type: "order.kick", player: "bob", text: "spam" });
    const { accountId, charId } = bob;
    const kick = { what: "kick", accountId, charId, by: `#${gamemaster.accountId}` };
    const detail = { world: "Alpha", player: "bob", text: "spam" };
    expect(scene.trail.entries.filter(({ what }) => what === "kick")).toEqual([{ ...kick, detail }]);
  });

  test("to go to it is answered with the place where its map-server says it is", async () => {
    scene.map.found = accepted({ position });
    expect(await order({ type: "order.go-to", player: "bob" })).toEqual(accepted({ position }));
    expect(scene.map.sought).toMatchObject([held(bob)]);
  });

  test("to bring it reaches its map-server", async () => {
    expect(await order({ type: "order.summon", player: "bob", position })).toEqual(accepted({}));
    expect(scene.map.warped).toMatchObject([{ ...held(bob), position }]);
  });

  test("to mute it holds for its account, which map-servers are told, also while it does not play", async () => {
    await scene.map.leave(bob);
    expect(await order({ type: "order.mute", player: "bob", minutes: 5 })).toEqual(accepted({}));
    await scene.clock.advance(100);
    const muted = { accountId: bob.accountId, mutedUntilMs: 300_000 };
    for (const { standings } of [scene.map, other]) expect(standings.at(-1)).toMatchObject(muted);
    expect(await order({ type: "order.mute", player: "bob", minutes: 0 })).toEqual(accepted({}));
    await scene.clock.advance(100);
    expect(other.standings.at(-1)).toMatchObject({ accountId: bob.accountId, mutedUntilMs: null });
  });

  test("to mute it makes the servers of all worlds look at once", async () => {
    await order({ type: "order.mute", player: "nobody", minutes: 5 });
    expect(scene.hinted).toEqual([]);
    await order({ type: "order.mute", player: "bob", minutes: 5 });
    expect(scene.hinted).toEqual(["orders"]);
  });

  test.each(["order.kick", "order.go-to", "order.summon"])(
    "is refused by %s if nobody of that name is on a map",
    async (type) => {
      const none = { ok: false, refusal: "no-such-player" };
      expect(await order({ type, player: "nobody", text: "", position })).toEqual(none);
      await scene.map.leave(bob);
      expect(await order({ type, player: "bob", text: "", position })).toEqual(none);
    },
  );

  test("is refused if the player left before its map-server was asked", async () => {
    expect(await order({ type: "order.go-to", player: "bob" })).toEqual({
      ok: false,
      refusal: "no-such-player",
    });
  });

  test("is refused to a map-server that does not have the gamemaster, and does nothing", async () => {
    const lost = { ok: false, refusal: "lock-lost" };
    expect(await order({ type: "order.kick", player: "bob", text: "" }, other)).toEqual(lost);
    const older = { charFence: gamemaster.charFence - 1 };
    expect(await order({ type: "order.kick", player: "bob", text: "", ...older })).toEqual(lost);
    expect(scene.map.kicked).toEqual([]);
  });

  test("is refused without the right to it, even if its map-server sends it", async () => {
    const { accounts } = scene.stores;
    scene.map.found = accepted({ position });
    const every: readonly [string, object][] = [
      ["order.kick", { player: "bob", text: "" }],
      ["order.mute", { player: "bob", minutes: 5 }],
      ["order.go-to", { player: "bob" }],
      ["order.go", { position }],
      ["order.summon", { player: "bob", position }],
      ["order.announce", { order: "announce-world", text: "hi", from: null, map: "harbour" }],
      ["order.announce", { order: "announce-all", text: "hi", from: null, map: "harbour" }],
    ];
    const refusals = async () => {
      const answers = [];
      for (const [type, of] of every) answers.push(await order({ type, ...of }));
      return answers.map((answer) => (answer as { readonly refusal?: string }).refusal ?? "done");
    };
    await accounts.setRole({ accountId: gamemaster.accountId, role: "player" });
    expect(await refusals()).toEqual(every.map(() => "not-allowed"));
    expect([scene.map.kicked, scene.map.warped, scene.map.sought]).toEqual([[], [], []]);
    expect(scene.trail.entries.filter(({ by }) => by === `#${gamemaster.accountId}`)).toEqual([]);
    await accounts.setRole({ accountId: gamemaster.accountId, role: "gamemaster" });
    expect((await refusals()).at(-1)).toBe("not-allowed");
    expect(await order({ type: "order.go-to", player: "bob" })).not.toMatchObject({ refusal: "not-allowed" });
  });

  test("is refused if the player has a role with more rights", async () => {
    const { accounts } = scene.stores;
    await accounts.setRole({ accountId: bob.accountId, role: "administrator" });
    await accounts.setRole({ accountId: gamemaster.accountId, role: "gamemaster" });
    const orders = [
      { type: "order.kick", text: "" },
      { type: "order.mute", minutes: 5 },
      { type: "order.summon", position },
    ];
    for (const each of orders)
      expect(await order({ ...each, player: "bob" })).toEqual({ ok: false, refusal: "not-allowed" });
    scene.map.found = accepted({ position });
    expect(await order({ type: "order.go-to", player: "bob" })).toMatchObject({ ok: true });
    await accounts.setRole({ accountId: gamemaster.accountId, role: "administrator" });
    expect(await order({ type: "order.summon", player: "bob", position })).toMatchObject({ ok: true });
  });

  test("is unavailable while the map-server of the player is away, and no order is lost unseen", async () => {
    const moved = await scene.now(
      (async () => {
        other.says = () => accepted({});
        return scene.map.hop(bob, "forest");
      })(),
    );
    expect(moved).toMatchObject({ ok: true });
    expect(await order({ type: "order.go-to", player: "bob" })).toMatchObject({ refusal: "unavailable" });
  });
});

describe("an order about a place", () => {
  test("is accepted for a map of the world, whoever hosts it, and for no other", async () => {
    expect(await order({ type: "order.go", position })).toEqual(accepted({}));
    const nowhere = { ...position, map: "nowhere" };
    expect(await order({ type: "order.go", position: nowhere })).toMatchObject({ refusal: "no-such-map" });
  });
});

describe("an announcement", () => {
  const announced = { text: "hi", from: "alice" };
  const announce = (what: string) =>
    order({ type: "order.announce", ...announced, order: what, map: "harbour" });

  test("reaches all map-servers, which show it on one map or on all", async () => {
    await announce("announce-map");
    await announce("announce-world");
    for (const { announced: heard } of [scene.map, other])
      expect(heard).toMatchObject([
        { ...announced, map: "harbour" },
        { ...announced, map: null },
      ]);
  });

  test("to all worlds goes to the login-server, and comes back from there", async () => {
    await announce("announce-all");
    expect(scene.login.all("announcement.everywhere")).toMatchObject([announced]);
    expect(scene.map.announced).toEqual([]);
    scene.login.links.at(-1)?.notify({ type: "announcement", ...announced });
    await scene.clock.advance(0);
    expect(other.announced).toMatchObject([{ ...announced, map: null }]);
  });

  test("of an operator is refused for a map that the world does not have", async () => {
    const { playerOrders } = scene.char;
    const to = (map: string) => playerOrders.announce({ text: "hi", from: null }, "announce-map", map);
    expect(await to("nowhere")).toEqual(refused("no-such-map"));
    expect(await to("forest")).toEqual(accepted({}));
    await scene.clock.advance(0);
    expect(other.announced).toMatchObject([{ map: "forest" }]);
  });

  test("to all worlds is unavailable without a link to the login-server", async () => {
    scene.login.isUnreachable = true;
    scene.login.cut();
    await scene.clock.advance(100);
    expect(await announce("announce-all")).toMatchObject({ refusal: "unavailable" });
  });
});
