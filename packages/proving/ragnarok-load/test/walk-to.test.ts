import { ManualClock, until } from "@sallyport/testkit";
import { expect, it } from "vitest";
import { RagnarokClient, walkTo } from "../src/index.ts";
import { bytes, characterList, charBlock, move, recorded, worldList, zoneAt } from "./bytes.ts";
import { ScriptedDoor, type Visit } from "./scripted-door.ts";

/** Enters a map at 156,191. A step on this map takes 100 ms. */
async function onMap(clock: ManualClock, script: (visit: Visit) => Promise<void>): Promise<RagnarokClient> {
  const map = await ScriptedDoor.open(async (visit) => {
    await visit.take(19);
    visit.send(recorded.mapEntered, bytes("b000 0000 64000000"));
    await visit.take(19);
    await script(visit);
  });
  const char = await ScriptedDoor.open(async (visit) => {
    visit.send(characterList(24, charBlock(150_001, "TestChar", 0)));
    await visit.take(20);
    visit.send(zoneAt(map.port));
  });
  const login = await ScriptedDoor.open(async (visit) => visit.send(worldList(char.port)));
  const client = new RagnarokClient({ login, account: "testuser", password: "testpass", clock });
  await client.login();
  await client.enterChar();
  await client.select(0);
  await client.enterMap();
  await until(() => client.journal.packets("ZC_PAR_CHANGE").length === 1, { what: "the speed is told" });
  return client;
}

const cellOf = (request: Buffer): string => {
  const bits = request.readUIntBE(6, 3);
  return `${bits >>> 14},${(bits >>> 4) & 0x3ff}`;
};

const walksOf = (client: RagnarokClient): number => client.journal.packets("ZC_NOTIFY_PLAYERMOVE").length;

it("a walk asks five times a second for a cell on the way, and ends when the client should be there", async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const client = await onMap(clock, async (visit) => {
    for (const answer of [move(156, 191, 166, 191), move(158, 191, 168, 191)]) {
      asked.push(cellOf(await visit.take(9)));
      visit.send(bytes("8700 00000000", answer));
    }
    for (;;) {
      const more = await visit.take(9);
      if (more.length < 9) return;
      asked.push(cellOf(more));
    }
  });
  let isThere = false;
  const walk = walkTo(client, { x: 168, y: 191 }, { clock, withinMs: 60_000 }).then(() => {
    isThere = true;
  });
  await until(() => walksOf(client) === 1, { what: "the first answer" });
  expect(asked).toEqual(["166,191"]);
  await clock.advance(200);
  await until(() => walksOf(client) === 2, { what: "the second answer" });
  expect(asked).toEqual(["166,191", "168,191"]);
  await clock.advance(800);
  expect(isThere).toBe(false);
  await clock.advance(200);
  await walk;
  await client.leave();
  expect(client.faults).toEqual([]);
});

it("a walk ends on another map", async () => {
  const clock = new ManualClock();
  const client = await onMap(clock, async (visit) => {
    await visit.take(9);
    visit.send(recorded.mapChanged);
    await visit.ended;
  });
  const walk = walkTo(client, { x: 168, y: 191 }, { clock, withinMs: 60_000 });
  await until(() => client.place?.map === "prt_fild08", { what: "the map has changed" });
  await clock.advance(200);
  await walk;
  await client.leave();
});

it("a walk fails if the connection ends, or if it takes too long", async () => {
  const clock = new ManualClock();
  const client = await onMap(clock, async (visit) => visit.ended);
  const late = walkTo(client, { x: 168, y: 191 }, { clock, withinMs: 1_000 });
  const isLate = expect(late).rejects.toMatchObject({ name: "InVain", why: "timed-out" });
  await clock.advance(1_000);
  await isLate;
  const left = walkTo(client, { x: 168, y: 191 }, { clock, withinMs: 60_000 });
  const isLeft = expect(left).rejects.toMatchObject({ name: "InVain", why: "closed" });
  await client.leave();
  await clock.advance(200);
  await isLeft;
});
