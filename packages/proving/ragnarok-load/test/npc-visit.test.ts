import { expect, it } from "vitest";
import { NpcVisit } from "../src/index.ts";
import { bytes, text, u16, zeros } from "./bytes.ts";
import { cluster, enter } from "./scripted-cluster.ts";

const id = 0x8000_0001;
/** The packet of one line. */
const says = (said: string) => bytes("b400", u16(9 + said.length), "01000080", text(said, said.length + 1));

it("the client talks to an NPC, chooses, and closes the dialogue", async () => {
  const { login } = await cluster(async (visit) => {
    expect(await visit.take(7)).toEqual(bytes("9000 01000080 01"));
    visit.send(says("Welcome"), bytes("b500 02000080"), bytes("b500 01000080"));
    expect(await visit.take(6)).toEqual(bytes("b900 01000080"));
    visit.send(says("Stay?"), bytes("b700 0f00 01000080", text("Yes:No", 7)));
    expect(await visit.take(7)).toEqual(bytes("b800 01000080 02"));
    visit.send(bytes("b600 01000080"));
    expect(await visit.take(6)).toEqual(bytes("4601 01000080"));
    visit.end();
  });
  const client = await enter(login);
  const npc = new NpcVisit(client, id);
  expect(await npc.click()).toMatchObject({ type: "ZC_WAIT_DIALOG", id });
  expect(npc.lines).toEqual(["Welcome"]);
  expect(await npc.next()).toMatchObject({ type: "ZC_MENU_LIST", choices: ["Yes", "No"] });
  expect(await npc.choose(2)).toMatchObject({ type: "ZC_CLOSE_DIALOG" });
  expect(npc.lines).toEqual(["Welcome", "Stay?"]);
  npc.close();
  await client.untilClosed();
  expect(client.faults).toEqual([]);
});

it("the client sees what an NPC sells, and buys it", async () => {
  const { login } = await cluster(async (visit) => {
    await visit.take(7);
    visit.send(bytes("c400 01000080"));
    expect(await visit.take(7)).toEqual(bytes("c500 01000080 00"));
    visit.send(bytes("c600 0f00 32000000 32000000 03 f501"));
    expect(await visit.take(8)).toEqual(bytes("c800 0800 0300 f501"));
    visit.send(bytes("ca00 00"));
    await visit.ended;
  });
  const client = await enter(login);
  const npc = new NpcVisit(client, id);
  expect(await npc.click()).toMatchObject({ type: "ZC_SELECT_DEALTYPE" });
  expect(await npc.goods()).toMatchObject({ goods: [{ item: 501, price: 50 }] });
  expect(await npc.buy([{ item: 501, amount: 3 }])).toMatchObject({ code: 0 });
  await client.leave();
  expect(client.faults).toEqual([]);
});

it("the client sees items on the floor, and picks one up", async () => {
  const lies = bytes("9d00 01000080 8d03 01 9600 b500 0100 06 06");
  const { login } = await cluster(async (visit) => {
    visit.send(lies);
    expect(await visit.take(11)).toEqual(bytes("f500 0000000000 01000080"));
    visit.send(
      bytes("a100 01000080"),
      bytes("d402 8d03 0100 8d03 01 00 00", zeros(8), "0000 03 00", zeros(6)),
    );
    await visit.ended;
  });
  const client = await enter(login);
  await client.until("seen", () => client.floorItems.has(id));
  expect(client.floorItems.get(id)).toEqual({ id, item: 909, x: 150, y: 181, amount: 1 });
  expect(await client.take(id)).toMatchObject({ item: 909, amount: 1, code: 0 });
  expect(client.floorItems.size).toBe(0);
  await client.leave();
  expect(client.faults).toEqual([]);
});
