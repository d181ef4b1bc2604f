import { type Actor, accepted, dialogueBounds, type MapDoor, refused } from "@sallyport/domain";
import { beforeEach, describe, expect, test } from "vitest";
import { hex, type RagnarokClient } from "./ragnarok-client.ts";
import { entered, enters, figure, inWorld, kafra, kafraId, loads, open, playing } from "./ragnarok-on-map.ts";

const actor = kafra.charId;
const field = { ...entered, position: { map: "prt_fild08", x: 170, y: 370 } };
let client: RagnarokClient<MapDoor>;
beforeEach(() => {
  client = playing();
});

describe("a dialogue", () => {
  test("begins with a click, and goes on as the player answers", () => {
    expect(client.says(`9000 ${kafraId} 01`)).toEqual([{ type: "map.click", actor }]);
    expect(client.isAnswered("map.click", accepted({}))).toEqual([]);
    client.isTold({ type: "dialogue.said", actor, text: "Welcome" });
    client.isTold({ type: "dialogue.paused", actor });
    expect(client.hears()).toBe(hex(`b400 1000 ${kafraId} "Welcome" 00 b500 ${kafraId}`));

    const next = { type: "dialogue.answer", actor, answer: { type: "next" } };
    expect(client.says(`b900 ${kafraId}`)).toEqual([next]);
    expect(client.isAnswered("dialogue.answer", accepted({}))).toEqual([]);
    client.isTold({ type: "dialogue.asked", actor, choices: ["Yes", "No"] });
    expect(client.hears()).toBe(hex(`b700 0f00 ${kafraId} "Yes:No" 00`));

    const choice = { type: "dialogue.answer", actor, answer: { type: "choice", index: 1 } };
    expect(client.says(`b800 ${kafraId} 02`)).toEqual([choice]);
    client.isAnswered("dialogue.answer", accepted({}));
    client.isTold({ type: "dialogue.ended", actor });
    expect(client.hears()).toBe(hex(`b600 ${kafraId}`));

    const close = { type: "dialogue.answer", actor, answer: { type: "close" } };
    expect(client.says(`4601 ${kafraId}`)).toEqual([close]);
    client.isAnswered("dialogue.answer", refused("no-dialogue"));
    expect(client.hears()).toBe("");
  });

  test.each(["ff", "00"])("is closed by a player that cancels a choice with %s", (choice) => {
    const close = { type: "dialogue.answer", actor, answer: { type: "close" } };
    expect(client.says(`b800 ${kafraId} ${choice}`)).toEqual([close]);
  });

  test.each(["b900", "b800"])("that is over can be closed after an answer with %s", (opcode) => {
    client.says(`${opcode} ${kafraId} ${opcode === "b800" ? "01" : ""}`);
    client.isAnswered("dialogue.answer", refused("no-dialogue"));
    expect(client.hears()).toBe(hex(`b600 ${kafraId}`));
  });

  test("has a packet for each line, also for an empty one", () => {
    client.isTold({ type: "dialogue.said", actor, text: "One\n\nTwo" });
    expect(client.hears()).toBe(
      hex(`b400 0c00 ${kafraId} "One" 00 b400 0900 ${kafraId} 00 b400 0c00 ${kafraId} "Two" 00`),
    );
  });

  test("is in the code page of the client, and is cut between two characters", () => {
    const korean = playing({ codePage: "euc-kr" });
    korean.isTold({ type: "dialogue.said", actor, text: "한" });
    expect(korean.hears()).toBe(hex(`b400 0b00 ${kafraId} c7d1 00`));
    korean.isTold({ type: "dialogue.said", actor, text: `x${"한".repeat(2_000)}` });
    expect(korean.hears()).toBe(hex(`b400 0608 ${kafraId} "x" ${"c7d1".repeat(1_022)} 00`));
    korean.isTold({ type: "dialogue.asked", actor, choices: ["한", "글"] });
    expect(korean.hears()).toBe(hex(`b700 0e00 ${kafraId} c7d1 ":" b1db 00`));
  });

  test("has as many choices as the client counts, whatever they hold", () => {
    client.isTold({ type: "dialogue.asked", actor, choices: ["12:30", "", "\u0000x", "No"] });
    expect(client.hears()).toBe(hex(`b700 1500 ${kafraId} "12;30:-:-:No" 00`));
  });

  test.each([2, 100, dialogueBounds.choicesMax, 300])("cuts %i long choices to the same share", (count) => {
    client.isTold({ type: "dialogue.asked", actor, choices: Array<string>(count).fill("x".repeat(1_500)) });
    const packet = Buffer.from(client.hears(), "hex");
    expect(packet.readUInt16LE(2)).toBe(packet.length);
    const text = packet.subarray(8, -1).toString("latin1");
    expect(text.length).toBeLessThan(2_047);
    const entries = text.split(":");
    expect(entries).toHaveLength(Math.min(count, dialogueBounds.choicesMax));
    expect([...new Set(entries.map(({ length }) => length))]).toHaveLength(1);
  });

  test("is not shown while the client loads the map, and the client can begin none", () => {
    const loading = inWorld();
    loading.hears();
    loading.isTold({ type: "dialogue.said", actor, text: "Welcome" });
    loading.isTold({ type: "dialogue.asked", actor, choices: ["Yes"] });
    loading.isTold({ type: "dialogue.paused", actor });
    loading.isTold({ type: "dialogue.ended", actor });
    loading.isTold({ type: "shop.offered", actor, goods: [] });
    expect(loading.says(`9000 ${kafraId} 01 b900 ${kafraId} 4601 ${kafraId} f500 00*5 ${kafraId}`)).toEqual(
      [],
    );
    expect(loading.hears()).toBe("");
  });
});

describe("a shop", () => {
  const potion = { item: 501, name: "Red Potion", price: 50 };
  const bought = { type: "shop.buy", actor, goods: [{ item: 501, amount: 3 }] };
  const buys = "c800 0800 0300 f501";

  beforeEach(() => {
    client.isTold({ type: "shop.offered", actor, goods: [potion] });
    expect(client.hears()).toBe(hex(`c400 ${kafraId}`));
  });

  test("shows its goods to a client that wants to buy, and sells them", () => {
    expect(client.says(`c500 ${kafraId} 00`)).toEqual([]);
    expect(client.hears()).toBe(hex("c600 0f00 32000000 32000000 03 f501"));
    expect(client.says(buys)).toEqual([bought]);
    client.isAnswered("shop.buy", accepted({}));
    expect(client.hears()).toBe(hex("ca00 00"));
  });

  test.each([
    ["too-dear", "01"],
    ["no-room", "02"],
    ["no-shop", "06"],
    ["failed", "06"],
    ["busy", "06"],
  ] as const)("tells the client why it sells nothing: %s", (refusal, code) => {
    expect(client.says(buys)).toEqual([bought]);
    client.isAnswered("shop.buy", refused(refusal));
    expect(client.hears()).toBe(hex(`ca00 ${code}`));
  });

  test("buys nothing, and has no goods for a client that asks another actor", () => {
    expect(client.says(`c500 ${kafraId} 01 c500 02000080 00`)).toEqual([]);
    expect(client.hears()).toBe("");
  });

  test("sells once for each offer, and only on its own map", () => {
    expect(client.says(buys + buys)).toEqual([bought]);
    expect(client.hears()).toBe(hex("ca00 06"));
    client.isAnswered("shop.buy", accepted({}));
    client.isTold({ type: "shop.offered", actor, goods: [potion] });
    client.isTold({ type: "map.changed", ...field });
    loads(client);
    client.hears();
    expect(client.says(`c500 ${kafraId} 00 ${buys}`)).toEqual([]);
    expect(client.hears()).toBe(hex("ca00 06"));
  });
});

describe("an item on the floor", () => {
  const jellopy = { ...kafra, kind: "item", name: "Jellopy", looks: { class: 501 } } satisfies Actor;
  const itemIds = { accountId: jellopy.accountId, charId: jellopy.charId };
  const takes = `f500 00*5 ${kafraId}`;
  const taken = "d402 f501 0100 f501 01 00 00 00*8 0000 03 00 00000000 0000";
  const notTaken = "d402 0000 0000 0000 01 00 00 00*8 0000 03 06 00000000 0000";

  beforeEach(() => {
    client.isTold({ type: "actor.appeared", ...jellopy });
    expect(client.hears()).toBe(hex(`9d00 ${kafraId} f501 01 9600 b400 0100 06 06`));
  });

  test("has a usual look if the game chooses none", () => {
    client.isTold({ type: "actor.appeared", ...jellopy, looks: {} });
    expect(client.hears()).toBe(hex(`9d00 ${kafraId} 8d03 01 9600 b400 0100 06 06`));
  });

  test("vanishes like an item, and later like any actor of its id", () => {
    client.isTold({ type: "actor.vanished", ...itemIds });
    expect(client.hears()).toBe(hex(`a100 ${kafraId}`));
    client.isTold({ type: "actor.appeared", ...kafra });
    client.isTold({ type: "actor.vanished", ...itemIds });
    expect(client.hears()).toBe(
      hex(`${figure("06", kafraId, "7500", "258b44", '"Kafra" 00*19')} 8000 ${kafraId} 00`),
    );
  });

  test("is picked up, even if it vanishes before the answer", () => {
    expect(client.says(takes)).toEqual([{ type: "map.take", actor }]);
    client.isTold({ type: "actor.vanished", ...itemIds });
    client.isAnswered("map.take", accepted({}));
    expect(client.hears()).toBe(hex(`a100 ${kafraId} ${taken}`));
  });

  test.each(["too-far", "no-such-actor", "unavailable"] as const)(
    "stays there if the server refuses, and the client hears of it: %s",
    (refusal) => {
      client.says(takes);
      client.isAnswered("map.take", refused(refusal));
      expect(client.hears()).toBe(hex(notTaken));
      expect(client.says(takes)).toEqual([{ type: "map.take", actor }]);
    },
  );

  test("stays there if the character has no room, and the client says why", () => {
    client.says(takes);
    client.isAnswered("map.take", refused("no-room"));
    expect(client.hears()).toBe(hex("d402 0000 0000 0000 01 00 00 00*8 0000 03 02 00000000 0000"));
  });

  test("is not there for a client that was not shown it, and the client hears of it", () => {
    expect(client.says("f500 00*5 02000080")).toEqual([]);
    expect(client.hears()).toBe(hex(notTaken));
    client.isTold({ type: "map.changed", ...field });
    loads(client);
    client.hears();
    expect(client.says(takes)).toEqual([]);
    expect(client.hears()).toBe(hex(notTaken));
  });

  test("is asked for once until the server answers", () => {
    expect(client.says(takes + takes)).toEqual([{ type: "map.take", actor }]);
    expect(client.hears()).toBe("");
  });
});

test("old clients get the packets of their time", () => {
  const old = open({ packetVer: 0 });
  old.says(enters.replace("3604", "7200"));
  old.isAnswered("map.enter", accepted(entered));
  loads(old);
  old.isTold({ type: "actor.appeared", ...kafra, kind: "item", looks: { class: 501 } });
  old.hears();
  expect(old.says(`9f00 ${kafraId}`)).toEqual([{ type: "map.take", actor }]);
  old.isAnswered("map.take", accepted({}));
  expect(old.hears()).toBe(hex("a000 f501 0100 f501 01 00 00 00*8 0000 03 00"));
});
