import { defineGame } from "@sallyport/game";
import { NpcVisit, profiles, type RagnarokClient } from "@sallyport/ragnarok-load";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { spawn } from "../cluster/test-cluster.ts";
import { RagnarokCluster } from "./ragnarok-cluster.ts";

/*
 * Clients with packet tables of their own at a map-server on which a game runs: npcs, their dialogues and shops,
 * and items on the floor. Clients answer as OpenKore does: to give up on a choice, it takes the last one.
 */

const beside = (dx: number, dy = 0) => ({ x: spawn.x + dx, y: spawn.y + dy });
const [maraCell, stallCell, crabCell] = [beside(2), beside(-2), beside(0, 3)];
const pearlCells = [beside(1, -2), beside(2, -2)];
const ropeId = 1065;

const game = defineGame({
  name: "wharf",
  character: {
    schema: z.object({ gold: z.number().int().min(0), ropes: z.number().int(), pearls: z.number().int() }),
    initial: { gold: 12, ropes: 0, pearls: 0 },
  },
  items: { rope: { id: ropeId, name: "Rope" } },
  actors: {
    helper: {
      kind: "npc",
      name: "Mara",
      class: 112,
      dialogue: {
        start: (it) => ({
          says: `Hello ${it.player.name}.\nWill you help?`,
          choices: { "Yes, gladly": "accept", "Not today": null },
        }),
        accept: { says: "Then take this.", then: "thanks" },
        thanks(it) {
          it.set({ gold: it.character.gold + 8 });
          return { says: `You have ${it.character.gold} gold now.` };
        },
      },
    },
    seller: { kind: "npc", name: "Tobin", shop: [{ item: "rope", price: 5 }] },
    crab: { kind: "monster", name: "Crab", class: 1008 },
    pearl: {
      kind: "item",
      name: "Pearl",
      class: 935,
      taken(it) {
        if (it.character.pearls > 0) return it.refuse("no-room");
        it.set({ pearls: 1 });
      },
    },
  },
  // No object of the sample maps has the class of one of these actors.
  opened(it) {
    if (it.map.name !== "harbour") return;
    it.spawn("helper", maraCell);
    it.spawn("seller", stallCell);
    it.spawn("crab", crabCell);
    for (const cell of pearlCells) it.spawn("pearl", cell);
  },
  bought(it, { amount, price }) {
    if (it.character.gold < price) return it.refuse("too-dear");
    it.set({ gold: it.character.gold - price, ropes: it.character.ropes + amount });
  },
});
const played = { game, budgetMs: 1_000, switchOffAfter: 0, commandsPerSecond: 100 };

const versions = Object.values(profiles).map(({ packetver }) => packetver);

describe.each(versions)("a client of %i", (packetVer) => {
  let ragnarok: RagnarokCluster;
  beforeAll(async () => {
    ragnarok = await RagnarokCluster.start({ packetVer, game: played });
  });
  afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
  afterAll(() => ragnarok.stop());

  async function enter(): Promise<RagnarokClient> {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    await client.until("it sees all actors", () => client.units.size >= 3 && client.floorItems.size >= 1);
    return client;
  }
  const unitOf = (client: RagnarokClient, name: string) => {
    const unit = [...client.units.values()].find((each) => each.name === name);
    if (unit === undefined) throw new Error(`no ${name} is in view`);
    return unit;
  };
  const visit = (client: RagnarokClient, name: string) => new NpcVisit(client, unitOf(client, name).id);

  test("sees npcs and monsters with their pictures, and learns their names", async () => {
    const client = await enter();
    expect(unitOf(client, "Mara")).toMatchObject({ kind: 6, job: 112, cell: maraCell, level: 0 });
    expect(unitOf(client, "Tobin")).toMatchObject({ kind: 6, cell: stallCell });
    expect(unitOf(client, "Crab")).toMatchObject({ kind: 5, job: 1008, cell: crabCell });
    for (const { id, name } of client.units.values()) expect(await client.nameOf(id)).toMatchObject({ name });
  });

  test("talks, chooses, reads on and closes, each for itself, and may come again", async () => {
    const [ann, bob] = [await enter(), await enter()];
    const [anns, bobs] = [visit(ann, "Mara"), visit(bob, "Mara")];
    const asked = { type: "ZC_MENU_LIST", choices: ["Yes, gladly", "Not today"] };
    expect(await anns.click()).toMatchObject(asked);
    expect(anns.lines).toEqual([`Hello ${ann.chosen?.name}.`, "Will you help?"]);
    expect(await bobs.click()).toMatchObject(asked);
    expect(await anns.choose(1)).toMatchObject({ type: "ZC_WAIT_DIALOG" });
    expect(await anns.next()).toMatchObject({ type: "ZC_CLOSE_DIALOG" });
    expect(anns.lines.slice(2)).toEqual(["Then take this.", "You have 20 gold now."]);
    anns.close();
    expect(await bobs.choose(2)).toMatchObject({ type: "ZC_CLOSE_DIALOG" });
    bobs.close();
    expect(bobs.lines).toEqual([`Hello ${bob.chosen?.name}.`, "Will you help?"]);
    expect(await anns.click()).toMatchObject(asked);
  });

  test("buys what it can pay, and hears what is too dear", async () => {
    const client = await enter();
    const stall = visit(client, "Tobin");
    const goods = [{ item: ropeId, price: 5, discounted: 5 }];
    for (const [amount, code] of [
      [2, 0],
      [1, 1],
    ] as const) {
      expect(await stall.click()).toMatchObject({ type: "ZC_SELECT_DEALTYPE" });
      expect(await stall.goods()).toMatchObject({ goods });
      expect(await stall.buy([{ item: ropeId, amount }])).toMatchObject({ code });
    }
  });

  test("picks up an item, which is gone for all, and no second one without room", async () => {
    const [ann, bob] = [await enter(), await enter()];
    const [first = 0, second = 0] = [...ann.floorItems.keys()].sort((a, b) => a - b);
    expect(ann.floorItems.get(first)).toMatchObject({ item: 935, amount: 1, ...pearlCells[0] });
    expect(await ann.take(first)).toMatchObject({ item: 935, amount: 1, code: 0 });
    for (const client of [ann, bob])
      await client.until("the item is gone", () => !client.floorItems.has(first));
    expect(await ann.take(second)).toMatchObject({ code: 2 });
    expect(await bob.take(first)).toMatchObject({ code: 6 });
    expect(await bob.take(second)).toMatchObject({ item: 935, code: 0 });
  });
});
