import { CharId } from "@sallyport/domain";
import type { GameEvent } from "@sallyport/sdk";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { idleMs, pingEveryMs } from "../src/protocols/slime/playing.ts";
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
    await slime.client.clock.advance(pingEveryMs);
    expect(slime.heard()).toContain("0900");
    await slime.says(message(9));
    expect(slime.heard()).toEqual([]);
    await slime.says(message(117));
    expect(slime.heard()).toEqual(["7500"]);
  });

  test("a client that says nothing for five minutes is told so, and disconnected", async () => {
    await slime.client.clock.advance(idleMs + 1_000);
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

  test("others learn a key before the place", async () => {
    await slime.says(message(2).u8(1).u16(170, 120));
    expect(slime.asked).toEqual({
      type: "command",
      name: "slime.move",
      input: { direction: 1, x: 170, y: 120 },
    });
    await slime.servers.answer({ type: "done", of: "command" });
    expect(slime.asked).toEqual({ type: "report", x: 170, y: 120 });
  });

  test("a place that the server refuses puts the client back", async () => {
    await slime.says(message(43).u16(9_000, 120));
    await slime.servers.answer({ type: "done", of: "command" });
    await slime.servers.answer(refused("report", "outside"));
    expect(slime.heard()).toEqual(["4d000100a0007800"]);
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

  test("who is moved by somebody else is put there", async () => {
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

  test("a save is acknowledged, and a logout leaves the world before the connection ends", async () => {
    await slime.says(message(19), message(6));
    expect(slime.heard()).toEqual(["1300"]);
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

  test("an announcement and a refusal to speak are told above the player itself", async () => {
    await slime.tells({ type: "announced", from: "Gwen", text: "Tea" });
    await slime.says(message(17).text("hi"));
    await slime.servers.answer(refused("say", "muted"));
    expect(slime.heard()).toEqual(["110001002a2a2a2054656100", "110001002a2a2a204e6f2e00"]);
  });
});

test("with a game that does not know slimes, players move and talk, and nobody asks it again", async () => {
  await slime.enters(ada, "other");
  slime.servers.asked.length = 0;
  await slime.says(message(2).u8(1).u16(170, 120));
  expect(slime.servers.asked).toEqual([{ type: "report", x: 170, y: 120 }]);
});
