import { accepted, type EventOf, type MapDoor, refused, refusedWith } from "@sallyport/domain";
import type { Effect } from "@sallyport/game-core";
import { must } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { object, PlayedMap } from "../../game-core/test/played-map.ts";
import { addresses, MemoryCluster } from "../../sdk/test/memory-cluster.ts";
import { goldIn, openChest } from "./example/client.ts";
import game from "./example/game.ts";
import { harbourClient, openChest as openChestOn, showGold } from "./example/player.ts";

/* docs/games.md shows parts of the files in `example`. `harbour.test.ts` and this file play that game. */

/** A player beside one actor of each kind. */
function played() {
  const map = new PlayedMap(
    ["mara", "chest", "dock", "crab"].map((of, x) => object(of, x, 1)),
    game,
  );
  const chest = map.idOf(map.open(), "Chest");
  const { charId } = map.enter(1, { x: 1, y: 1 }, { $version: 1, gold: 4 }, game);
  return { map, charId, chest };
}

const typesOf = (effects: readonly Effect[]) => effects.map(({ type }) => type);
function tellOf(tell: (event: EventOf<MapDoor>) => void, effect: Effect): void {
  if (effect.type === "send") tell({ type: "game.event", name: effect.name, body: effect.body });
  if (effect.type === "character.changed") tell({ type: effect.type, changes: effect.changes });
}

describe("the game of docs/games.md", () => {
  test("opens a chest for a client, and fills it again later", () => {
    const { map, charId, chest } = played();
    const open = () => map.game.command(charId, "chest.open", openChest(chest), map.at);
    const { answer, effects } = open();
    expect(answer).toEqual({ ok: true });
    expect(typesOf(effects)).toEqual(["despawn", "set", "character.changed", "send", "change-world"]);
    expect(effects.flatMap((effect) => (effect.type === "send" ? [goldIn(effect.body)] : []))).toEqual([3]);
    expect(open().answer).toMatchObject({ word: "no-chest" });
    expect(map.due(60_000)).toContainEqual(
      expect.objectContaining({ type: "spawn", name: "Chest", cell: { x: 1, y: 1 } }),
    );
  });

  test("opens a chest for a client on the SDK, which shows the gold or the word of the game", async () => {
    const { map, charId, chest } = played();
    const cluster = new MemoryCluster();
    cluster.map.game = ({ name, body }) => {
      const { answer, effects } = map.game.command(charId, name, body, map.at);
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
