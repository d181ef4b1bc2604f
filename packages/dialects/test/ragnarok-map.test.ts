import { kickFor, kickReasons, refused } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { addressFor, hex } from "./ragnarok-client.ts";
import {
  bob,
  bobId,
  bobIds,
  bobToDir,
  bobToHead,
  entered,
  enters,
  inWorld,
  loaded,
  loads,
  open,
  ownId,
  ownIds,
  playing,
  standing,
  startMs,
} from "./ragnarok-on-map.ts";

describe("entering", () => {
  test("shows the login ids, and is answered with the character's position", () => {
    const client = open();
    expect(client.says(enters)).toEqual([
      { type: "map.enter", accountId: 2_000_001, charId: 150_001, loginId1: 0x1111_9077, sex: "female" },
    ]);
    expect(client.hears()).toBe("");
    client.isAnswered("map.enter", { ok: true, value: entered });
    expect(client.hears()).toBe(hex("8302 81841e00 eb02 aa4e2700 270bf4 05 05 0000"));
  });

  test("of the oldest clients begins with the bare account id", () => {
    const client = open({ packetVer: 0 });
    expect(client.says("7200 81841e00 f1490200 77901111 162f3501 00")).toHaveLength(1);
    client.isAnswered("map.enter", { ok: true, value: entered });
    expect(client.hears()).toBe(hex("81841e00 7300 aa4e2700 270bf4 05 05"));
  });

  test.each([
    ["not-expected", "7400 01"],
    ["unavailable", "8100 04"],
    ["busy", "8100 04"],
    ["out-of-order", "8100 03"],
  ] as const)("that is refused as %s is answered by %s, and later packets are ignored", (refusal, bytes) => {
    const client = open();
    client.says(enters);
    client.isAnswered("map.enter", refused(refusal));
    expect(client.hears()).toBe(hex(`8302 81841e00 ${bytes}`));
    expect(client.says(`${enters} ${loaded} a700 00000000 258b50 b200 01 8a01 0000`)).toEqual([]);
    expect(client.hears()).toBe("");
  });

  test("a second time changes nothing", () => {
    const client = playing();
    expect(client.says(enters)).toEqual([]);
    expect(client.hears()).toBe("");
  });

  test("comes before everything else: earlier requests are ignored", () => {
    const client = open();
    const early = `${loaded} a700 00000000 258b50 8c00 00*8 ${ownId} 9600 1f00 "Ada" 00*21 "hi" 00 b200 01 8a01 0000`;
    expect(client.says(`${early} 8900 00*9`)).toEqual([]);
    expect(client.hears()).toBe("");
  });
});

describe("while the client loads the map,", () => {
  test("it is shown no actors, and after loading it asks for those in view", () => {
    const client = inWorld();
    client.hears();
    const path = [{ x: 151, y: 181 }];
    const { x, y } = bob;
    client.isTold({ type: "actor.appeared", ...bob });
    client.isTold({ type: "actor.walks", ...bobIds, x, y, path, walked: 0 });
    client.isTold({ type: "actor.moved", ...bobIds, x: 151, y, path, walked: 1 });
    client.isTold({ type: "actor.said", ...bobIds, name: "Bob", text: "hi" });
    client.isTold({ type: "actor.vanished", ...bobIds });
    expect(client.says(loaded)).toEqual([{ type: "map.look" }]);
    client.isTold({ type: "actor.appeared", ...bob });
    expect(client.hears()).toBe("");
    client.isAnswered("map.look", { ok: true, value: {} });
    client.hears();
    // Bob came from the west, so he looks to the east, which is direction 6.
    client.isTold({ type: "actor.appeared", ...bob, x: 151, y, cameFrom: { x, y } });
    expect(client.hears()).toBe(hex(standing("25cb56")));
  });

  test("it asks again if the server does not answer in time", () => {
    const client = inWorld();
    client.says(loaded);
    expect(client.isAnswered("map.look", refused("unavailable"))).toEqual([{ type: "map.look" }]);
    expect(client.isAnswered("map.look", refused("out-of-order"))).toEqual([]);
  });

  test("it does not walk", () => {
    const client = inWorld();
    expect(client.says("a700 00000000 258b50")).toEqual([]);
  });

  test("it can chat, and gets its own line", () => {
    const client = inWorld();
    client.hears();
    expect(client.says(`f300 1400 "TestChar : hello"`)).toEqual([{ type: "map.say", text: "hello" }]);
    client.isTold({ type: "actor.said", ...ownIds, name: "TestChar", text: "hello" });
    expect(client.hears()).toBe(hex(`8e00 1500 "TestChar : hello" 00`));
  });

  test("its status comes with the map: speed, life, weight, level and points", () => {
    const client = inWorld();
    client.hears();
    loads(client);
    expect(client.hears()).toBe(
      hex(`b000 0000 c8000000 b000 0500 28000000 b000 0600 28000000 b000 0700 0b000000 b000 0800 0b000000
        b000 0b00 01000000 b000 1800 00000000 b000 1900 204e0000 b000 3700 01000000
        bd00 0000 05 02 05 02 05 02 05 02 05 02 05 02 00*28
        4101 0d000000 05000000 00000000 4101 0e000000 05000000 00000000 4101 0f000000 05000000 00000000
        4101 10000000 05000000 00000000 4101 11000000 05000000 00000000 4101 12000000 05000000 00000000`),
    );
  });

  test("saying twice that it has the map changes nothing", () => {
    const client = playing();
    expect(client.says(loaded)).toEqual([]);
    expect(client.hears()).toBe("");
  });
});

test("the client gets the server's clock as soon as it shows its ids", () => {
  const client = open();
  client.says(enters);
  client.nowMs = 2 ** 32 + 0x0027_4eb9 + 0.5;
  client.says("8900 0000000000 242f3501");
  expect(client.hears()).toBe(hex("8302 81841e00 7f00 b94e2700"));
});

test("packets without a meaning here are ignored: turning, sitting, emotions, the guild, worn items", () => {
  const client = playing();
  expect(
    client.says(`8500 0000 01 00000000 06 3704 ${bobId} 02 bf00 03 4f01 00000000 a900 00*4 b200 00`),
  ).toEqual([]);
  expect(client.hears()).toBe("");
  expect(client.notes).toEqual(["passed over CZ_REQ_WEAR_EQUIP"]);
});

describe("a change to another map", () => {
  const field = { ...entered, position: { map: "prt_fild08", x: 170, y: 370 } };

  test("of the same server makes it forget the actors in view until the client has loaded the map", () => {
    const client = playing();
    client.isTold({ type: "actor.appeared", ...bob });
    client.hears();
    client.isTold({ type: "map.changed", ...field });
    expect(client.hears()).toBe(hex("9100 7072745f66696c6430382e6761740000 aa00 7201"));
    client.isTold({ type: "actor.walks", ...bobIds, x: 1, y: 1, path: [{ x: 2, y: 1 }], walked: 0 });
    // The client has not loaded the new map yet. So this walk is still a walk on the previous map.
    expect(client.says("a700 00000000 258b50")).toEqual([]);
    expect(client.hears()).toBe("");
    loads(client);
    const heard = client.hears();
    expect(heard.startsWith(hex("b000 0000 c8000000"))).toBe(true);
    expect(heard).not.toContain(hex(bobId));
    expect(client.says("a700 00000000 258b50")).toHaveLength(1);
  });

  test("of another server leads to its door for this family", () => {
    const client = playing();
    const position = { map: "izlude", x: 128, y: 114 };
    client.isTold({ type: "map.hop", position, ...addressFor(5_143) });
    expect(client.hears()).toBe(hex(`9200 "izlude.gat" 00*6 8000 7200 0a000007 1714`));
    expect(client.says("a700 00000000 258b50 8900 00*9")).toEqual([]);
    expect(client.hears()).toBe("");
  });

  test("of another server without a door for this family ends the visit", () => {
    const client = playing();
    const position = { map: "izlude", x: 128, y: 114 };
    client.isTold({ type: "map.hop", position, ...addressFor(5_143, "another") });
    expect(client.hears()).toBe(hex("8100 01"));
  });
});

describe("leaving", () => {
  const done = { ok: true, value: {} } as const;

  test("for character select", () => {
    const client = playing();
    expect(client.says("b200 01")).toEqual([{ type: "map.leave", to: "char-select" }]);
    expect(client.hears()).toBe("");
    client.isAnswered("map.leave", done);
    expect(client.hears()).toBe(hex("b300 01"));
  });

  test("for good", () => {
    const client = playing();
    expect(client.says("8a01 0000")).toEqual([{ type: "map.leave", to: "offline" }]);
    client.isAnswered("map.leave", done);
    expect(client.hears()).toBe(hex("8b01 0000"));
  });

  test.each([["b200 01"], ["8a01 0000"]])("by %s twice counts once", (bytes) => {
    const client = playing();
    expect(client.says(`${bytes} ${bytes}`)).toHaveLength(1);
    client.isAnswered("map.leave", done);
    expect(client.says(bytes)).toEqual([]);
  });

  test("that is refused may be tried again, and the character plays on", () => {
    const client = playing();
    client.says("8a01 0000");
    client.isAnswered("map.leave", refused("unavailable"));
    expect(client.hears()).toBe(hex("8b01 0100"));
    expect(client.says("a700 00000000 258b50")).toHaveLength(1);
    expect(client.says("8a01 0000")).toHaveLength(1);
  });

  test("that is refused while the map is loading does not count as loaded", () => {
    const client = inWorld();
    client.says("8a01 0000");
    client.isAnswered("map.leave", refused("unavailable"));
    expect(client.says("a700 00000000 258b50")).toEqual([]);
    loads(client);
    expect(client.says("a700 00000000 258b50")).toHaveLength(1);
  });
});

test.each(kickReasons.map((reason) => [reason]))(
  "a client kicked for %s gets a code that it knows",
  (reason) => {
    const client = playing();
    client.isTold({ type: "client.kicked", ...kickFor(reason) });
    expect(client.hears()).toMatch(/^81000[1238f]$/);
  },
);

test("a client that no longer asks for the time counts as silent", () => {
  const client = playing({ silentMs: 60_000 });
  client.nowMs = startMs + 59_000;
  client.says("8900 00*9");
  client.nowMs = startMs + 118_999;
  expect(client.isSilent).toBe(false);
  client.nowMs = startMs + 119_000;
  expect(client.isSilent).toBe(true);
});

test("the packets of December 2010 mean the same", () => {
  const client = playing({ packetVer: 20101228 });
  expect(client.says("5f03 258b50")).toEqual([{ type: "map.walk", x: 150, y: 181 }]);
  client.isAnswered("map.walk", { ok: true, value: { steps: 6 } });
  client.isTold({ type: "actor.appeared", ...bob });
  const unit = `5708 5900 00 ${bobToHead} ${bobToDir} 0000 00*8 00000000 00 01`;
  expect(client.hears().startsWith(hex(unit))).toBe(true);
  client.says(`6803 ${bobId}`);
  client.isAnswered("map.name", { ok: true, value: { name: "Bob" } });
  client.says("6003 00*4");
  expect(client.hears()).toBe(hex(`9500 ${bobId} "Bob" 00*21 7f00 aa4e2700`));
});
