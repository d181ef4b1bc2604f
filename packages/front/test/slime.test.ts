import { CharId } from "@sallyport/domain";
import type { GameEvent } from "@sallyport/sdk";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { actor, ada, login, message, PlayedSlime, refused } from "./slime-played.ts";

let slime: PlayedSlime;
beforeEach(async () => {
  slime = await PlayedSlime.begins();
});

describe("in a room", () => {
  beforeEach(async () => {
    await slime.enters(ada);
    slime.heard();
    slime.servers.asked.length = 0;
  });

  test("a ping is answered once, and the answer to a ping is not, so two that answer come to an end", async () => {
    await slime.says(message(9));
    expect(slime.heard()).toEqual(["0900"]);
    await slime.says(message(9));
    expect(slime.heard()).toEqual([]);
    await slime.client.clock.advance(19_000);
    expect(slime.heard()).not.toContain("0900");
    await slime.client.clock.advance(1_000);
    expect(slime.heard()).toContain("0900");
    await slime.says(message(9));
    expect(slime.heard()).toEqual([]);
    await slime.says(message(117));
    expect(slime.heard()).toEqual(["7500"]);
  });

  test("a client that says nothing for five minutes is told so, and disconnected", async () => {
    await slime.client.clock.advance(200_000);
    await slime.says(message(12));
    await slime.client.clock.advance(299_000);
    expect(slime.isClosed).toBe(false);
    await slime.client.clock.advance(1_000);
    expect(slime.heard().at(-1)).toMatch(/^1800/);
    expect([slime.isClosed, slime.servers.hasEnded]).toEqual([true, true]);
  });

  test("the third junk closes, and unknown messages never do", async () => {
    for (let nth = 0; nth < 20; nth += 1) await slime.says(message(12).u8(1));
    await slime.says(message(17), login());
    expect(slime.isClosed).toBe(false);
    await slime.says(message(2).u8(99));
    expect([slime.isClosed, slime.servers.hasEnded]).toEqual([true, true]);
  });

  const keyAt = (direction: number, x: number | null, y: number | null) => ({
    ...{ type: "command", name: "slime.move", input: { direction, x, y } },
  });

  test("others learn a key when its place is accepted", async () => {
    await slime.says(message(2).u8(1).u16(170, 120));
    expect(slime.servers.asked).toEqual([{ type: "report", x: 170, y: 120 }]);
    await slime.servers.answer({ type: "done", of: "report" });
    expect(slime.asked).toEqual(keyAt(1, 170, 120));
  });

  test("a place that the server refuses puts the client back, and others learn nothing of it", async () => {
    await slime.says(message(2).u8(1).u16(60_000, 60_000));
    await slime.servers.answer(refused("report", "outside"));
    expect(slime.heard()).toEqual(["4d000100a0007800"]);
    await slime.says(message(15).u16(2, 161, 120));
    await slime.servers.answer({ type: "done", of: "report" });
    expect(slime.servers.asked).toEqual([
      { type: "report", x: 60_000, y: 60_000 },
      { type: "report", x: 161, y: 120 },
    ]);
  });

  test("a key whose place comes too often is told with the place where the server has the player", async () => {
    await slime.says(message(2).u8(6).u16(300, 120));
    await slime.servers.answer(refused("report", "too-many"));
    expect(slime.asked).toEqual(keyAt(6, 160, 120));
  });

  test("after a key that the game refused as one too many, others learn where the player stands", async () => {
    await slime.says(message(2).u8(7));
    await slime.servers.answer(refused("command", "too-many"));
    await slime.client.clock.advance(1_000);
    expect(slime.servers.asked).toEqual([keyAt(7, null, null), keyAt(0, 160, 120)]);
    await slime.servers.answer({ type: "done", of: "command" });
    await slime.client.clock.advance(5_000);
    expect(slime.servers.asked).toHaveLength(2);
  });

  test("a refused emote, and a key after the lost one, make nobody stand still", async () => {
    await slime.says(message(23).u8(4));
    await slime.servers.answer(refused("command", "too-many"));
    await slime.says(message(2).u8(7));
    await slime.servers.answer(refused("command", "too-many"));
    await slime.says(message(2).u8(4));
    await slime.servers.answer({ type: "done", of: "command" });
    await slime.client.clock.advance(5_000);
    expect(slime.servers.asked).toHaveLength(3);
  });

  test("a place that comes too often changes nothing for the client", async () => {
    await slime.says(message(15).u16(2, 161, 120));
    await slime.servers.answer(refused("report", "too-many"));
    expect(slime.heard()).toEqual([]);
  });

  test("a player of any protocol comes, moves, speaks and goes", async () => {
    await slime.tells({ type: "actor.appeared", ...actor(8, "Ben") });
    await slime.tells({ type: "actor.appeared", ...actor(9, "Crab", "monster") });
    await slime.tells({ type: "actor.moved", charId: CharId(8), x: 11, y: 20 } as GameEvent);
    await slime.tells({
      type: "actor.said",
      charId: CharId(8),
      name: "Ben",
      text: "ab".repeat(60),
    } as GameEvent);
    await slime.tells({ type: "actor.vanished", charId: CharId(8) } as GameEvent);
    expect(slime.heard()).toEqual([
      "0100010a0014000200010042656e00010000000000",
      "2b0002000b001400",
      `11000200${"6162".repeat(50)}00`,
      `11000200${"6162".repeat(10)}00`,
      "06000200",
    ]);
  });

  test("a player who tells of keys is shown by them, and not by places too", async () => {
    await slime.tells({ type: "actor.appeared", ...actor(8, "Ben") });
    slime.heard();
    const moved = { by: 8, direction: 5, x: 30, y: 20 };
    await slime.tells({ type: "game.event", name: "slime.moved", body: moved });
    await slime.tells({ type: "actor.moved", charId: CharId(8), x: 30, y: 20 } as GameEvent);
    await slime.tells({ type: "game.event", name: "slime.moved", body: { ...moved, direction: 0 } });
    await slime.tells({ type: "game.event", name: "slime.typed", body: { by: 8 } });
    await slime.tells({ type: "game.event", name: "slime.emoted", body: { by: 8, emote: 4, isDice: false } });
    expect(slime.heard()).toEqual(["02000200051e001400", "2b0002001e001400", "85000200", "1700020004"]);
  });

  test("a player who tells of keys is shown where the server has it, when that is elsewhere", async () => {
    await slime.tells({ type: "actor.appeared", ...actor(8, "Ben") });
    slime.heard();
    const keyed = (direction: number, x: number | null, y: number | null) =>
      slime.tells({ type: "game.event", name: "slime.moved", body: { by: 8, direction, x, y } });
    const stands = (x: number) =>
      slime.tells({ type: "actor.moved", charId: CharId(8), x, y: 20 } as GameEvent);
    await keyed(5, 60_000, 60_000);
    await stands(11);
    await stands(11);
    await keyed(1, 12, 20);
    await stands(9);
    await keyed(4, null, null);
    await stands(8);
    expect(slime.heard()).toEqual([
      ...["020002000560ea60ea", "2b0002000b001400"],
      ...["02000200010c001400", "020002000109001400"],
      ...["0200020004", "2b00020008001400"],
    ]);
  });

  test.each([
    ["direction 14", { direction: 14, x: null, y: null }],
    ["half a direction", { direction: 1.5, x: 1, y: 1 }],
    ["a press without a place", { direction: 1, x: null, y: null }],
    ["a stop without a place", { direction: 0 }],
    ["a place beyond 16 bits", { direction: 2, x: 65_536, y: 0 }],
    ["a negative place", { direction: 9, x: -1, y: 0 }],
    ["a jump without x", { direction: 3, x: null, y: null }],
    ["a jump beyond 16 bits with a sign", { direction: 3, x: 40_000, y: null }],
    ["a jump with y", { direction: 3, x: 1, y: 1 }],
    ["a duck with a place", { direction: 4, x: 1, y: 1 }],
  ])("no client is told %s, which no client can say", async (_, key) => {
    await slime.tells({ type: "actor.appeared", ...actor(8, "Ben") });
    slime.heard();
    await slime.tells({ type: "game.event", name: "slime.moved", body: { by: 8, ...key } });
    await slime.tells({
      type: "game.event",
      name: "slime.moved",
      body: { by: 8, direction: 3, x: -1, y: null },
    });
    expect(slime.heard()).toEqual(["0200020003ffff"]);
  });

  test("the number of a player who has gone is free for the next, and only that one", async () => {
    for (const charId of [8, 72, 10]) await slime.tells({ type: "actor.appeared", ...actor(charId, "Ben") });
    await slime.tells({ type: "actor.vanished", charId: CharId(72) } as GameEvent);
    for (const charId of [11, 12]) await slime.tells({ type: "actor.appeared", ...actor(charId, "Ben") });
    const pids = slime.heard().map((told) => (told.startsWith("06") ? told : told.slice(14, 18)));
    expect(pids).toEqual(["0200", "0300", "0400", "06000300", "0300", "0500"]);
  });

  test("its own line comes back, and of its own keys and emotes only a throw of dice", async () => {
    await slime.says(message(17).text("hello"));
    expect(slime.asked).toEqual({ type: "say", text: "hello" });
    await slime.servers.answer({ type: "done", of: "say" });
    await slime.tells({ type: "actor.said", charId: CharId(7), name: "Ada", text: "hello" } as GameEvent);
    for (const body of [
      { by: 7, emote: 4, isDice: false },
      { by: 7, emote: 16, isDice: true },
    ])
      await slime.tells({ type: "game.event", name: "slime.emoted", body });
    await slime.tells({
      type: "game.event",
      name: "slime.moved",
      body: { by: 7, direction: 4, x: null, y: null },
    });
    expect(slime.heard()).toEqual(["1100010068656c6c6f00", "1700010010"]);
  });

  test("more than ten lines in ten seconds are passed over, and one that is too long is junk", async () => {
    for (let nth = 0; nth < 12; nth += 1) {
      await slime.says(message(17).text(`line ${nth}`));
      if (nth < 10) await slime.servers.answer({ type: "done", of: "say" });
    }
    expect(slime.servers.asked).toHaveLength(10);
    await slime.client.clock.advance(10_000);
    await slime.says(message(17).text("again"));
    expect(slime.asked).toEqual({ type: "say", text: "again" });
    await slime.servers.answer({ type: "done", of: "say" });
    for (let nth = 0; nth < 3; nth += 1) await slime.says(message(17).text("x".repeat(101)));
    expect(slime.isClosed).toBe(true);
  });

  test("the client goes to another room, and is told of all there, not as newcomers", async () => {
    await slime.tells({ type: "actor.appeared", ...actor(8, "Ben") });
    slime.heard();
    await slime.says(message(14).u16(2, 50, 60));
    expect(slime.asked).toEqual({ type: "enter-room", map: "grove", at: { x: 50, y: 60 } });
    slime.servers.scene = { ...ada, map: "grove", x: 50, y: 60 };
    await slime.tells({ type: "map.changed" } as GameEvent);
    await slime.tells({ type: "actor.appeared", ...actor(10, "Cem") });
    await slime.servers.answer({ type: "done", of: "enter-room" });
    await slime.tells({ type: "actor.appeared", ...actor(11, "Dan") });
    expect(slime.heard()).toEqual([
      "06000200",
      "0100020a00140002000000000000020043656d00010000000000",
      "0100010a0014000300020044616e00010000000000",
    ]);
  });

  test.each([
    ["that does not exist", 99, null],
    ["that cannot be reached", 2, refused("enter-room", "unavailable")],
  ])("a room %s puts the client back", async (_, room, answer) => {
    await slime.says(message(14).u16(room, 50, 60));
    if (answer !== null) await slime.servers.answer(answer);
    expect(slime.heard()).toEqual(["4d000100a0007800"]);
  });

  test("more than three ways to other rooms in three seconds put the client back", async () => {
    const goes = async (room: number, map: string) => {
      await slime.says(message(14).u16(room, 50, 60));
      slime.servers.scene = { ...ada, map, x: 50, y: 60 };
      await slime.tells({ type: "map.changed" } as GameEvent);
      await slime.servers.answer({ type: "done", of: "enter-room" });
    };
    await goes(2, "grove");
    await goes(1, "meadow");
    await goes(2, "grove");
    expect(slime.heard()).toEqual([]);
    await slime.says(message(14).u16(1, 70, 80));
    expect(slime.heard()).toEqual(["4d00020032003c00"]);
    expect(slime.servers.asked).toHaveLength(3);
    await slime.client.clock.advance(3_000);
    await slime.says(message(14).u16(1, 70, 80));
    expect(slime.asked).toEqual({ type: "enter-room", map: "meadow", at: { x: 70, y: 80 } });
  });

  test("a player that somebody else moves is put there", async () => {
    slime.servers.scene = { ...ada, map: "grove", x: 5, y: 6 };
    await slime.tells({ type: "map.changed" } as GameEvent);
    expect(slime.heard()).toEqual(["4d00020005000600"]);
  });

  test("a change of the map-server at the same place puts nobody anywhere", async () => {
    await slime.tells({ type: "map.changed" } as GameEvent);
    expect(slime.heard()).toEqual([]);
  });

  test("a place without a number is told, and the connection ends", async () => {
    slime.servers.scene = { ...ada, map: "harbour" };
    await slime.tells({ type: "map.changed" } as GameEvent);
    expect(slime.heard().at(-1)).toMatch(/^1800/);
    expect(slime.isClosed).toBe(true);
  });

  test("the clock of the game is told by each part that changes", async () => {
    await slime.client.clock.advance(60_000);
    expect(slime.heard().filter((payload) => payload.startsWith("1500"))).toEqual([
      ...["15000100", "15000200", "15000301"],
    ]);
    await slime.client.clock.advance(60_000);
    expect(slime.heard().filter((payload) => payload.startsWith("1500"))).toEqual(["15000201"]);
  });

  test("a stop is told before the save, so the character will be saved", async () => {
    slime.servers.stopFront();
    await settled();
    const words = message(24).text("The server is stopping. Your character will be saved.");
    expect([slime.heard(), slime.isClosed]).toEqual([[Buffer.from(words.bytes).toString("hex")], true]);
  });

  test("a save is acknowledged when the character is saved, and not before", async () => {
    await slime.says(message(19));
    expect([slime.servers.asked, slime.heard()]).toEqual([[{ type: "save" }], []]);
    await slime.servers.answer({ type: "done", of: "save" });
    expect(slime.heard()).toEqual(["1300"]);
  });

  test.each(["too-many", "unavailable", "disconnected"] as const)(
    "a save that is refused as %s is not acknowledged, because the client would take it for one that is done",
    async (refusal) => {
      await slime.says(message(19), message(117));
      await slime.servers.answer(refused("save", refusal));
      expect(slime.heard()).toEqual(["7500"]);
      expect(slime.servers.asked).toEqual([{ type: "save" }]);
    },
  );

  test("a save that is refused says nothing of the last key", async () => {
    await slime.says(message(2).u8(4));
    await slime.servers.answer({ type: "done", of: "command" });
    await slime.says(message(19));
    await slime.servers.answer(refused("save", "too-many"));
    await slime.client.clock.advance(1_000);
    expect(slime.servers.asked).toHaveLength(2);
  });

  test("a logout leaves the world before the connection ends", async () => {
    await slime.says(message(6));
    expect([slime.asked, slime.isClosed]).toEqual([{ type: "leave" }, false]);
    await slime.servers.answer({ type: "done", of: "leave" });
    expect(slime.isClosed).toBe(true);
  });

  test("the older of two logins is told why it has to go", async () => {
    slime.servers.events?.ended("logged-in-elsewhere", "Elsewhere.");
    await settled();
    expect(Buffer.from(slime.heard().at(-1) ?? "", "hex").toString("latin1")).toBe(
      "\x18\0Logged in from another location\0",
    );
    expect(slime.isClosed).toBe(true);
  });

  const words = () =>
    slime.heard().map((each) => {
      const bytes = Buffer.from(each, "hex");
      return [bytes.readUInt16LE(0), bytes.readUInt16LE(2), bytes.toString("latin1", 4, bytes.length - 1)];
    });

  test("an announcement and a refusal to speak are told above the player itself, and marked", async () => {
    await slime.tells({ type: "announced", from: "Gwen", text: "Tea" });
    await slime.tells({ type: "announced", from: null, text: "Tea" });
    await slime.says(message(17).text("hi"));
    await slime.servers.answer(refused("say", "muted"));
    expect(words()).toEqual([
      [17, 1, "*** Gwen announces: Tea"],
      [17, 1, "*** Announcement: Tea"],
      [17, 1, "*** No."],
    ]);
  });

  test("an announcement in parts is marked in each of them, and no part is too long", async () => {
    const text = "x".repeat(180);
    await slime.tells({ type: "announced", from: null, text });
    const parts = words().map(([, , part]) => String(part));
    expect(parts.every((part) => part.startsWith("*** ") && part.length <= 100)).toBe(true);
    expect(parts.map((part) => part.slice(4)).join("")).toBe(`Announcement: ${text}`);
  });
});

test("with a game that does not know slimes, players move and talk, and nobody asks it again", async () => {
  await slime.enters(ada, "other");
  slime.servers.asked.length = 0;
  await slime.says(message(2).u8(1).u16(170, 120));
  expect(slime.servers.asked).toEqual([{ type: "report", x: 170, y: 120 }]);
});
