import { accepted, CharId, type EventOf, type MapDoor, refused, refusedWith } from "@sallyport/domain";
import { type At, type Effect, loadState, MapGame } from "@sallyport/game-core";
import { must } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { addresses, MemoryCluster } from "../../sdk/test/memory-cluster.ts";
import { goldIn, openChest } from "./example/client.ts";
import game from "./example/game.ts";
import { harbourClient, openChest as openChestOn, showGold } from "./example/player.ts";

/* docs/games.md shows parts of the files in `example`. `harbour.test.ts` and this file play that game. */

/** A player beside one actor of each kind. */
function played() {
  const cells = new Map<number, { x: number; y: number }>();
  const at: At = {
    nowMs: 0,
    random: () => 0,
    view: {
      cellOf: (id) => cells.get(id),
      near: () => [...cells].map(([id, cell]) => ({ id, ...cell })),
      isWalkable: () => true,
    },
  };
  let actorId = 0x8000_0000;
  const classes = ["mara", "chest", "dock", "crab"];
  const objects = classes.map((of, x) => ({
    ...{ name: "", class: of, x, y: 1, width: 1, height: 1, properties: {} },
  }));
  const info = { name: "harbour", title: "Harbour", width: 9, height: 9, objects };
  const map = new MapGame({ game, map: info, newActorId: () => actorId++ });
  const ids = map.open(new Map(), at).flatMap((effect) => {
    if (effect.type !== "spawn") throw new Error(effect.type);
    cells.set(effect.actor, effect.cell);
    return [effect.actor];
  });
  const [mara = 0, chest = 0, dock = 0, crab = 0] = ids;
  const charId = CharId(1);
  cells.set(charId, { x: 1, y: 1 });
  const loaded = loadState(game, { $version: 1, gold: 4 });
  if (!loaded.ok) throw new Error(loaded.reason);
  map.entered({ charId, name: "Ann", character: loaded.character }, at);
  return { map, at, charId, mara, chest, dock, crab };
}

const typesOf = (effects: readonly Effect[]) => effects.map(({ type }) => type);
function tellOf(tell: (event: EventOf<MapDoor>) => void, effect: Effect): void {
  if (effect.type === "send") tell({ type: "game.event", name: effect.name, body: effect.body });
  if (effect.type === "character.changed") tell({ type: effect.type, changes: effect.changes });
}

describe("the game of docs/games.md", () => {
  test("opens a chest for a client, and fills it again later", () => {
    const { map, at, charId, chest } = played();
    const { answer, effects } = map.command(charId, "chest.open", openChest(chest), at);
    expect(answer).toEqual({ ok: true });
    expect(typesOf(effects)).toEqual(["despawn", "set", "character.changed", "send", "change-world"]);
    expect(effects.flatMap((effect) => (effect.type === "send" ? [goldIn(effect.body)] : []))).toEqual([3]);
    expect(map.command(charId, "chest.open", openChest(chest), at).answer).toMatchObject({
      word: "no-chest",
    });
    const refilled = map.due({ ...at, nowMs: 60_000 });
    expect(refilled).toContainEqual(
      expect.objectContaining({ type: "spawn", name: "Chest", cell: { x: 1, y: 1 } }),
    );
  });

  test("opens a chest for a client on the SDK, which shows the gold or the word of the game", async () => {
    const { map, at, charId, chest } = played();
    const cluster = new MemoryCluster();
    cluster.map.game = ({ name, body }) => {
      const { answer, effects } = map.command(charId, name, body, at);
      for (const { tell } of cluster.map.walkers.values()) for (const each of effects) tellOf(tell, each);
      if (answer.ok) return accepted({});
      return "word" in answer ? refusedWith("refused", answer.word) : refused(answer.refusal);
    };
    const client = harbourClient({ connect: cluster.connect, login: addresses.login });
    const account = { name: "Alice", password: "correct horse" };
    must(await client.register({ ...account, sex: "female" }));
    const { worlds } = must(await client.logIn({ ...account, way: "raw" }));
    const select = must(await client.enterWorld(worlds[0]!));
    const alice = must(await select.create({ slot: 0, name: "Alice" }));
    const playing = must(await select.choose(alice.charId));
    const shown: string[] = [];
    showGold(playing, (text) => shown.push(text));
    expect(await openChestOn(playing, chest)).toBe("It is open.");
    expect(shown).toEqual(["3 gold, now 7"]);
    expect(await openChestOn(playing, chest)).toBe("no-chest");
    expect(await openChestOn(playing, 0.5)).toBe("The game cannot read this command.");
  });
});
