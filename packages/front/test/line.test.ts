import { CharId } from "@sallyport/domain";
import type { GameEvent } from "@sallyport/sdk";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { NotDone } from "../src/asked.ts";
import { lineProtocol } from "../src/protocols/line/index.ts";
import { PlayedClient, type PlayedServers } from "./played.ts";
import { actor, ada } from "./slime-played.ts";

let person: PlayedClient;
let servers: PlayedServers;
beforeEach(async () => {
  person = PlayedClient.of(lineProtocol);
  servers = person.servers;
  await settled();
});

const screen = (): string => person.heard.toString();
const types = (...lines: readonly string[]): Promise<void> =>
  person.sends(...lines.map((line) => `${line}\n`));

const world = { name: "Alpha", host: "h", port: 1, players: 0, wsUrl: null };
const character = { charId: CharId(7), slot: 0, name: "Ada", position: { map: "harbour", x: 1, y: 1 } };
const wrong: NotDone = {
  type: "refused",
  of: "log-in",
  refusal: "wrong-name-or-password",
  sentence: "The name or the password is wrong.",
};

describe("a person", () => {
  test("is greeted, and everything typed ahead waits until the servers have answered", async () => {
    expect(screen()).toContain("Welcome to Sallyport.");
    await types("ada", "secret1", "eve", "secret2");
    expect(servers.asked).toEqual([{ type: "log-in", name: "ada", password: "secret1" }]);
    await servers.answer(wrong);
    expect(screen()).toContain(wrong.sentence);
    expect(servers.asked.at(-1)).toEqual({ type: "log-in", name: "eve", password: "secret2" });
  });

  test("who makes an account is logged in with it", async () => {
    await types("new", "ada", "secret1");
    expect(servers.asked).toEqual([{ type: "register", name: "ada", password: "secret1" }]);
    await servers.answer({ type: "done", of: "register" });
    expect(servers.asked.at(-1)).toEqual({ type: "log-in", name: "ada", password: "secret1" });
  });

  test.each(["name-invalid", "name-taken", "password-invalid"] as const)(
    "whose new account is refused as %s reads how to try again",
    async (refusal) => {
      await types("new", "ada", "secret1");
      await servers.answer({ ...wrong, of: "register", refusal, sentence: "It is refused." });
      expect(screen()).toMatch(/It is refused\.\r\nType `new` to try again, .*\r\nName:\r\n$/);
    },
  );

  test("is asked for an invitation where one is needed", async () => {
    await types("new", "ada", "secret1");
    const refusal = { type: "refused", of: "register", refusal: "invitation-invalid" } as const;
    await servers.answer({ ...refusal, sentence: "An invitation is needed." });
    await types("AB-12");
    const ada = { type: "register", name: "ada", password: "secret1" };
    expect(servers.asked.at(-1)).toEqual({ ...ada, invitation: "AB-12" });
  });

  test("confirms an e-mail address by the code of the letter", async () => {
    await types("ada@example.org", "secret1");
    await servers.answer({ ...wrong, refusal: "email-unconfirmed" });
    expect(screen()).toContain("Type `confirm CODE`");
    await types("confirm XYZ");
    expect(servers.asked.at(-1)).toEqual({ type: "confirm-email", code: "XYZ" });
    await servers.answer({ type: "done", of: "confirm-email" });
    expect(screen()).toContain("Your address is confirmed.");
  });

  test("hears the sentence of any refusal, also of one that the protocol does not know", async () => {
    await types("ada", "secret1");
    await servers.answer({ ...wrong, refusal: "no-world", sentence: "Something new is wrong." });
    expect(screen()).toMatch(/Something new is wrong\.\r\nName:\r\n$/);
  });

  test.each([
    ["name", ["ada", "secret1"], []],
    ["password", ["secret1"], ["ada"]],
  ])(
    "whose %s is too long reads so at once, before the end of the line, and goes on",
    async (_, rest, before) => {
      await types(...before);
      const shown = screen().length;
      await person.sends("x".repeat(5_000));
      expect(screen().slice(shown)).toBe("A line has at most 1024 bytes. Yours was left out.\r\n");
      await types("xyz", ...rest);
      expect(servers.asked).toEqual([{ type: "log-in", name: "ada", password: "secret1" }]);
      expect(person.isClosed).toBe(false);
    },
  );

  test("who hangs up while the servers are asked leaves, and the answer changes nothing", async () => {
    await types("ada", "secret1");
    person.channel.close();
    await settled();
    expect(servers.hasEnded).toBe(true);
    await servers.answer({ type: "done", of: "log-in", worlds: [] });
    expect(servers.asked).toHaveLength(1);
  });

  test("who says nothing for too long is sent away", async () => {
    await person.clock.advance(60_000);
    expect(screen()).toContain("You took too long.");
    expect([person.isClosed, servers.hasEnded]).toEqual([true, true]);
  });

  test("who has no character yet is told that the server stops, and nothing of a save", async () => {
    servers.stopFront();
    await settled();
    expect(screen()).toMatch(/Name:\r\nThe server is stopping\.\r\n$/);
    expect([person.isClosed, servers.hasEnded]).toEqual([true, true]);
  });

  test("whose servers end the connection is told why", async () => {
    await types("ada", "secret1");
    servers.events?.ended("logged-in-elsewhere", "Somebody logged in with this account elsewhere.");
    await settled();
    expect(screen()).toContain("Somebody logged in with this account elsewhere.");
    expect(person.isClosed).toBe(true);
  });
});

test("a character is chosen by its number", async () => {
  await types("ada", "secret1");
  await servers.answer({ type: "done", of: "log-in", worlds: [world] });
  expect(servers.asked.at(-1)).toEqual({ type: "enter-world", world: "Alpha" });
  await servers.answer({ type: "done", of: "enter-world", characters: [character], slotCount: 3 });
  expect(screen()).toContain("  1  Ada, in harbour");
  await types("1");
  expect(servers.asked.at(-1)).toEqual({ type: "choose", charId: 7 });
});

describe("a person on a map", () => {
  const hears = async (event: GameEvent): Promise<string> => {
    const before = screen().length;
    servers.events?.heard(event);
    await settled();
    return screen().slice(before);
  };
  const appeared = (charId: number, name: string, kind: "player" | "npc" = "player"): GameEvent => ({
    ...actor(charId, name, kind),
    type: "actor.appeared",
  });
  const vanished = (charId: number): GameEvent => ({ type: "actor.vanished", charId: CharId(charId) });

  beforeEach(async () => {
    await types("ada", "secret1");
    await servers.answer({ type: "done", of: "log-in", worlds: [world] });
    await servers.answer({ type: "done", of: "enter-world", characters: [character], slotCount: 3 });
    await types("1");
    servers.scene = { ...ada, actors: new Map([[CharId(9), actor(9, "Ben")]]) };
    await servers.answer({ type: "done", of: "choose" });
  });

  test("reads which players come and go, and nothing of NPCs", async () => {
    expect(await hears(appeared(8, "Eve"))).toBe("Eve is here.\r\n");
    expect(await hears(vanished(8))).toBe("Eve is gone.\r\n");
    expect(await hears(appeared(5, "Mara", "npc"))).toBe("");
    expect(await hears(vanished(5))).toBe("");
  });

  test("reads that a player has left, also one that was there before", async () => {
    expect(await hears(vanished(9))).toBe("Ben is gone.\r\n");
  });

  test("comes to another map, and does not read that nobody is there before it is known", async () => {
    servers.scene = { ...ada, map: "tavern" };
    const read = await hears({ type: "map.changed" } as GameEvent);
    expect(read).toContain("Ada is at 5,3 of tavern.");
    expect(read).not.toContain("Nobody");
    expect(await hears(appeared(8, "Eve"))).toBe("Eve is here.\r\n");
  });

  test("reads at a stop that the character will be saved, because that is still to come", async () => {
    servers.stopFront();
    await settled();
    expect(screen()).toMatch(/\r\nThe server is stopping\. Your character will be saved\.\r\n$/);
  });

  test("goes to an open room, and reads which there are if there is none of the name", async () => {
    await types("room Grove");
    expect(servers.asked.at(-1)).toEqual({ type: "enter-room", map: "grove" });
    const refused = {
      ...wrong,
      of: "enter-room",
      refusal: "no-such-room",
      sentence: "No such room.",
    } as const;
    await servers.answer({ ...refused, detail: "meadow, tavern" });
    expect(screen()).toMatch(/No such room\. Open rooms: meadow, tavern\.\r\n$/);
    await types("room grove");
    await servers.answer(refused);
    expect(screen()).toMatch(/\r\nNo such room\.\r\n$/);
  });

  test("reads by `room` alone which rooms are open, and nothing of a refusal", async () => {
    const refused = { ...wrong, of: "enter-room", refusal: "no-such-room" } as const;
    await types("room");
    expect(servers.asked.at(-1)).toEqual({ type: "enter-room", map: "" });
    await servers.answer({ ...refused, sentence: "No such room.", detail: "meadow, tavern" });
    expect(screen()).toMatch(/\r\nOpen rooms: meadow, tavern\.\r\n$/);
    expect(screen()).not.toContain("No such room.");
    await types("room");
    await servers.answer({ ...refused, sentence: "No such room." });
    expect(screen()).toMatch(/\r\nNo room is open\.\r\n$/);
  });
});
