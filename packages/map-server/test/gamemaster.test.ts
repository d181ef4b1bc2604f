import { AccountId, accepted, type Order, type Role, refused, refusedWith } from "@sallyport/domain";
import { beforeEach, describe, expect, test } from "vitest";
import { type HandMadeClient, HandMadeWorld } from "./hand-made.ts";

let world: HandMadeWorld;
let wallMs: number;
beforeEach(() => {
  wallMs = 1_000_000;
  world = new HandMadeWorld({ host: { wallMs: () => wallMs }, hosted: ["meadow"] });
});

const there = { map: "meadow", x: 30, y: 6 };
const far = { map: "moor", x: 2, y: 3 };

/** A client that plays in this role, with its character. */
async function plays(role: Role = "gamemaster", at = { x: 10, y: 3 }) {
  const character = world.character();
  const client = await world.plays(character, at);
  setStanding(character, { role });
  return { client, character };
}

function setStanding(
  { accountId }: { accountId: number },
  changed: { role?: Role; mutedUntilMs?: number | null },
): void {
  const player = world.population.players.find((each) => each.accountId === accountId);
  if (player === undefined) throw new Error("nobody plays");
  player.standing = { ...player.standing, ...changed };
}

const cellOf = (client: HandMadeClient) => client.take("map.changed").map(({ position }) => position);

describe("an order", () => {
  test("is not allowed to a player, whatever is in it, and nobody hears of it", async () => {
    const { client } = await plays("player");
    expect(await client.order({ order: "kick", player: "", text: "" })).toEqual(refused("not-allowed"));
    expect(world.ordered).toEqual([]);
  });

  test("counts by the role that the account has at that moment", async () => {
    const { client, character } = await plays("player");
    setStanding(character, { role: "gamemaster" });
    expect(await client.order({ order: "announce-world", text: "hi" })).toEqual(accepted({}));
    setStanding(character, { role: "player" });
    expect(await client.order({ order: "announce-world", text: "hi" })).toEqual(refused("not-allowed"));
  });

  test("with a field that does not fit is refused with the name of the field", async () => {
    const { client } = await plays();
    const answer = await client.order({ order: "announce-map", text: " " });
    expect(answer).toEqual(refusedWith("invalid", "text"));
  });

  test("goes to the char-server with the character of the gamemaster", async () => {
    const { client, character } = await plays();
    const { accountId, charId, charFence, name } = character;
    const by = { accountId, charId, charFence };
    const position = { map: "meadow", x: 10, y: 3 };
    const orders: readonly Order[] = [
      { order: "kick", player: "Bob", text: "go" },
      { order: "mute", player: "Bob", minutes: 5 },
      { order: "summon", player: "Bob" },
      { order: "announce-map", text: "hi" },
    ];
    for (const order of orders) expect(await client.order(order)).toEqual(accepted({}));
    expect(world.ordered).toEqual([
      { type: "order.kick", ...by, player: "Bob", text: "go" },
      { type: "order.mute", ...by, player: "Bob", minutes: 5 },
      { type: "order.summon", ...by, player: "Bob", position },
      { type: "order.announce", ...by, text: "hi", from: name, order: "announce-map", map: "meadow" },
    ]);
  });

  test("has fields that it does not need, if it comes from a native client", async () => {
    const { client } = await plays();
    const rest = { player: "", text: "hi", minutes: 2 ** 32 - 1 };
    for (const order of ["announce-map", "announce-world"] as const)
      expect(await client.order({ ...rest, order })).toEqual(accepted({}));
    expect(await client.order({ ...rest, player: "Bob", order: "summon" })).toEqual(accepted({}));
    expect(world.ordered.map(({ type }) => type)).toEqual([
      "order.announce",
      "order.announce",
      "order.summon",
    ]);
  });

  test("without a signature says nothing of the gamemaster", async () => {
    const { client } = await plays();
    await client.order({ order: "announce-world", text: "hi", isSigned: false });
    expect(world.ordered).toMatchObject([{ from: null }]);
  });

  test("can name a player in view by its account, and nobody else", async () => {
    const { client } = await plays();
    const near = await plays("player", { x: 11, y: 3 });
    const away = await plays("player", { x: 30, y: 3 });
    const kick = (accountId: number) =>
      client.order({ order: "kick", player: AccountId(accountId), text: "" });
    expect(await kick(near.character.accountId)).toEqual(accepted({}));
    expect(await kick(away.character.accountId)).toEqual(refused("no-such-player"));
    expect(world.ordered).toMatchObject([{ player: near.character.name }]);
  });

  test("is refused after too many in a second, with the time until the next", async () => {
    const { client } = await plays();
    const hi = { order: "announce-map", text: "hi" } as const;
    for (let count = 0; count < 5; count += 1) expect(await client.order(hi)).toEqual(accepted({}));
    expect(await client.order(hi)).toEqual(refused("too-many", 200));
    await world.clock.advance(200);
    expect(await client.order(hi)).toEqual(accepted({}));
  });

  test.each([
    ["no-such-player", refused("no-such-player")],
    ["not-allowed", refused("not-allowed")],
    ["lock-lost", refused("unavailable", 1_000)],
    ["no-link", refused("unavailable", 1_000)],
    ["unanswered", refused("unavailable", 1_000)],
  ])("that the char-server answers with %s is refused accordingly", async (refusal, answer) => {
    const { client } = await plays();
    world.orderAnswer = refused(refusal);
    expect(await client.order({ order: "summon", player: "Bob" })).toEqual(answer);
  });
});

describe("a gamemaster", () => {
  test("goes to the place where a player is, on the same map or another one of this server", async () => {
    const { client } = await plays();
    world.orderAnswer = accepted({ position: there });
    expect(await client.order({ order: "go-to", player: "Bob" })).toEqual(accepted({}));
    expect(cellOf(client)).toEqual([there]);
    world.population.host(["meadow", "moor"]);
    world.orderAnswer = accepted({});
    expect(await client.order({ order: "go", place: far })).toEqual(accepted({}));
    expect(cellOf(client)).toEqual([far]);
  });

  test("goes to a map of another map-server by a hop", async () => {
    const { client } = await plays();
    world.orderAnswer = accepted({ position: far });
    expect(await client.order({ order: "go-to", player: "Bob" })).toEqual(accepted({}));
    expect(world.link.all("hop")).toMatchObject([{ saved: { position: far } }]);
  });

  test("that left meanwhile goes nowhere", async () => {
    const { client, character } = await plays();
    const answer = client.order({ order: "go", place: there });
    client.disconnect();
    expect(await answer).toEqual(refused("unavailable", 1_000));
    expect(world.population.players.map(({ accountId }) => accountId)).not.toContain(character.accountId);
  });
});

describe("a player of this server", () => {
  test("is found, and is brought to another place", async () => {
    const { client, character } = await plays("player");
    expect(world.gamemasters.where(character)).toEqual({ map: "meadow", x: 10, y: 3 });
    expect(world.gamemasters.warp(character, there)).toBe(true);
    expect(cellOf(client)).toEqual([there]);
    expect(world.gamemasters.where(character)).toEqual(there);
  });

  test("is neither found nor brought anywhere under an older fence, or when it has left", async () => {
    const { client, character } = await plays("player");
    const older = { ...character, charFence: (character.charFence - 1) as never };
    expect([world.gamemasters.where(older), world.gamemasters.warp(older, there)]).toEqual([null, false]);
    await client.leave();
    expect([world.gamemasters.where(character), world.gamemasters.warp(character, there)]).toEqual([
      null,
      false,
    ]);
  });

  test("hears what is announced on all maps or on its own, and nothing of other maps", async () => {
    const { client } = await plays("player");
    world.gamemasters.announce({ text: "all", from: null }, null);
    world.gamemasters.announce({ text: "here", from: "Ada" }, "meadow");
    world.gamemasters.announce({ text: "there", from: "Ada" }, "moor");
    expect(client.take("announced")).toEqual([
      { type: "announced", text: "all", from: null },
      { type: "announced", text: "here", from: "Ada" },
    ]);
  });

  test("may not speak while it is muted, is told for how long, and may speak again after that", async () => {
    const { client, character } = await plays("player");
    setStanding(character, { mutedUntilMs: wallMs + 60_000 });
    expect(await client.say("hi")).toEqual(refused("muted", 60_000));
    setStanding(character, { mutedUntilMs: null });
    expect(await client.say("hi")).toEqual(accepted({}));
    setStanding(character, { mutedUntilMs: wallMs + 60_000 });
    wallMs += 60_000;
    expect(await client.say("hi")).toEqual(accepted({}));
  });
});
