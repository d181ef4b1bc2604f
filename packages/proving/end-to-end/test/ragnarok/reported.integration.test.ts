import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RagnarokClient } from "@sallyport/ragnarok-load";
import { must, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { play, rowOf } from "../cluster/player.ts";
import { RagnarokCluster } from "./ragnarok-cluster.ts";

/* On the yard, native clients report where they are, in units. Ragnarok clients see it in cells. */

const units = 32;
const ground = ["", ...new Array<string>(40).fill(".".repeat(40))];
const yard = [
  ...["name: yard", "spawn: 5,5", `movement: reported unitsPerCell=${units} greatestSpeed=3200`],
  ...["warp: 0,20 -> lane:5,5", ...ground],
].join("\n");
const lane = ["name: lane", "spawn: 5,5", "warp: 0,20 -> yard:10,7", ...ground].join("\n");
const spawn = { map: "yard", x: 20 * units, y: 20 * units };

const mapsFolder = mkdtempSync(join(tmpdir(), "sallyport-maps-"));
let ragnarok: RagnarokCluster;
beforeAll(async () => {
  writeFileSync(join(mapsFolder, "yard.map"), yard);
  writeFileSync(join(mapsFolder, "lane.map"), lane);
  ragnarok = await RagnarokCluster.start({ mapsFolder, spawn });
});
afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
afterAll(async () => {
  await ragnarok.stop();
  rmSync(mapsFolder, { recursive: true });
});

async function entered(): Promise<RagnarokClient> {
  return ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
}

test("a native client reports where it is, and comes back to that place", async () => {
  const account = await ragnarok.cluster.account();
  const { game } = await play(ragnarok.cluster, account);
  expect(game.place).toMatchObject({
    movement: { unitsPerCell: units, greatestSpeed: 3_200 },
    isRoom: false,
  });
  expect(await game.walk(game.position.x + 1, game.position.y)).toMatchObject({ refusal: "no-path" });
  expect(await game.report(40 * units, 0)).toMatchObject({ refusal: "outside" });
  const to = { map: "yard", x: spawn.x + 7, y: spawn.y + 3 };
  await until(async () => (await game.report(to.x, to.y)).ok, { what: "the report is accepted" });
  expect(game.position).toEqual(to);
  must(await game.leave());
  expect(await rowOf(ragnarok.cluster, game.charId)).toMatchObject(to);
  const again = await play(ragnarok.cluster, account);
  expect(again.game.position).toEqual(to);
  must(await again.game.leave());
});

test("a native client and a Ragnarok client see each other move", async () => {
  const { game } = await play(ragnarok.cluster, await ragnarok.cluster.account());
  const moved: string[] = [];
  game.on((event) => {
    if (event.type === "actor.moved") moved.push(`${event.charId} ${event.x},${event.y}`);
  });
  const client = await entered();
  await client.until("Ragnarok sees native", () => client.units.size > 0);
  const cellNow = () => [...client.units.values()][0]?.cell;
  expect(cellNow()).toEqual({ x: 20, y: 20 });
  for (let step = 1; step <= 4; step += 1) {
    const x = spawn.x + step * (units / 2);
    await until(async () => (await game.report(x, spawn.y)).ok, { what: `the report of ${x} is accepted` });
  }
  await client.until("Ragnarok sees native move", () => cellNow()?.x === 22);

  const to = { x: 18, y: 23 };
  await ragnarok.walkTo(client, to);
  const { charId = 0 } = client.chosen ?? {};
  const middle = `${charId} ${to.x * units + units / 2},${to.y * units + units / 2}`;
  await until(() => moved.includes(middle), { what: "native sees Ragnarok" });
  must(await game.leave());
});

test("a warp leads from units to cells, and back to the middle of a cell", async () => {
  const client = await entered();
  const onWarp = { x: 0, y: 20 };
  await ragnarok.walkAway(client, onWarp, "lane");
  expect(client.place).toEqual({ map: "lane", x: 5, y: 5 });
  await ragnarok.walkAway(client, onWarp, "yard");
  expect(client.place).toEqual({ map: "yard", x: 10, y: 7 });
});
