import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { actor, ada, alpha, login, message, PlayedSlime, refused, register } from "./slime-played.ts";

/** SERVER_CLOSE with the words of the refusal. */
const closed = "18004e6f2e00";

let slime: PlayedSlime;
beforeEach(async () => {
  slime = await PlayedSlime.begins();
});

describe("before the login", () => {
  test.each([
    ["the form of the seed", register("0.106")],
    ["the form of the real client", register()],
  ])("a client registers in %s, and may log in on the same connection", async (_, request) => {
    await slime.says(request);
    expect(slime.asked).toEqual({ type: "register", name: "ada", password: "secret1", device: "m" });
    await slime.servers.answer({ type: "done", of: "register" });
    expect(slime.heard()).toEqual(["070001"]);
    await slime.says(login());
    expect(slime.asked).toMatchObject({ type: "log-in", device: "00-11-22-33-44-55", saysUnknown: true });
  });

  test.each([
    ["name-taken", "070002"],
    ["name-invalid", "070002"],
    ["registration-closed", "070002"],
    ["address-banned", "070003"],
    ["device-banned", "070004"],
    ["too-many-accounts", closed],
    ["unreachable", closed],
  ] as const)(
    "a registration that is refused as %s is answered with %s, and the end",
    async (refusal, answer) => {
      await slime.says(register("0.106"));
      await slime.servers.answer(refused("register", refusal));
      expect(slime.heard()).toEqual([answer]);
      expect(slime.isClosed).toBe(true);
    },
  );

  test.each([
    ["wrong-name-or-password", "0a0003"],
    ["already-online", "0a0004"],
    ["overtaken", "0a0004"],
    ["version-unsupported", "0a0005"],
    ["banned", "0a0006"],
    ["address-banned", "0a0007"],
    ["device-banned", "0a0008"],
    ["too-many-attempts", closed],
    ["unavailable", closed],
    ["no-world", closed],
    // Mostly a newer login. But the lock of this one may also be lost, and then 4 would not be true.
    ["not-logged-in", closed],
  ] as const)("a login that is refused as %s is answered with %s, and the end", async (refusal, answer) => {
    await slime.says(login());
    await slime.servers.answer(refused("log-in", refusal));
    expect(slime.heard()).toEqual([answer]);
    expect(slime.isClosed).toBe(true);
  });

  test.each([
    ["logged-in-elsewhere", "0a0004"],
    ["banned", "0a0006"],
    ["server-stopping", closed],
  ] as const)(
    "a login that the servers end as %s, before the character is in its room, is answered with %s",
    async (reason, answer) => {
      await slime.says(login());
      await slime.servers.answer({ type: "done", of: "log-in", worlds: [alpha] });
      slime.servers.events?.ended(reason, "No.");
      await settled();
      expect(slime.heard()).toEqual([answer]);
      expect(slime.isClosed).toBe(true);
    },
  );

  test.each([
    ["REGISTER", register("0.106")],
    ["LOGIN", login()],
  ])("a front that stops tells a client that waits for the answer to %s", async (_, request) => {
    await slime.says(request);
    slime.servers.stopFront();
    await settled();
    const words = message(24).text("The server is stopping.");
    expect([slime.heard(), slime.isClosed]).toEqual([[Buffer.from(words.bytes).toString("hex")], true]);
  });

  test("an unknown name is told from a wrong password if the servers tell", async () => {
    await slime.says(login());
    await slime.servers.answer(refused("log-in", "wrong-name-or-password", "unknown-name"));
    expect(slime.heard()).toEqual(["0a0002"]);
  });

  test("another version is refused without asking, in both requests", async () => {
    await slime.says(login("ModAccess"));
    expect([slime.heard(), slime.isClosed, slime.servers.asked]).toEqual([["0a0005"], true, []]);
    slime = await PlayedSlime.begins();
    await slime.says(register("0.105"));
    expect([slime.heard(), slime.isClosed]).toEqual([["070002"], true]);
  });

  test.each([
    ["a game message", message(17).text("hello")],
    ["an unknown one", message(12)],
    ["junk", message(10).text("0.106")],
  ])("%s ends the connection at once", async (_, given) => {
    await slime.says(given);
    expect([slime.heard(), slime.isClosed]).toEqual([[], true]);
  });

  test("a ping is passed over, and a client that does not log in within 30 s is disconnected", async () => {
    await slime.says(message(9));
    await slime.client.clock.advance(29_999);
    expect(slime.isClosed).toBe(false);
    await slime.client.clock.advance(1);
    expect([slime.heard(), slime.isClosed]).toEqual([[], true]);
  });
});

describe("the login", () => {
  test("leads from anywhere to the first room, with the place of the setting", async () => {
    await slime.enters({ ...ada, map: "harbour" });
    expect(slime.servers.asked.slice(-2)).toEqual([
      { type: "enter-room", map: "meadow", at: { x: 160, y: 120 } },
      { type: "command", name: "slime.come", input: {} },
    ]);
  });

  test("leaves a character in its room, and tells of itself and of all who are there", async () => {
    const actors = new Map([actor(8, "Ben"), actor(9, "Mara", "npc")].map((each) => [each.charId, each]));
    await slime.enters({ ...ada, map: "meadow", actors });
    expect(slime.servers.asked.at(-2)).toEqual({ type: "enter-room", map: "meadow" });
    const [account, present, ...others] = slime.heard();
    expect(account).toMatch(/^0a00010100/);
    expect(Buffer.from(account ?? "", "hex")).toHaveLength(
      3 + 2 + 4 + "Hi\0".length + 3 + "Ada\0".length + 92,
    );
    expect(present).toBe("0100020a00140002000000000000010042656e00010000000000");
    expect(others).toEqual([]);
    // Its program reads one message at a time, so each is a write of its own.
    expect(slime.client.writes).toHaveLength(2);
  });

  test("makes a character if there is none, with another name if the first is taken", async () => {
    await slime.says(login());
    await slime.servers.answer({
      type: "done",
      of: "log-in",
      worlds: [alpha],
    });
    await slime.servers.answer({ type: "done", of: "enter-world", characters: [], slotCount: 9 });
    expect(slime.asked).toEqual({ type: "create", name: "ada" });
    await slime.servers.answer(refused("create", "name-taken"));
    expect(slime.asked).toEqual({ type: "create", name: "ada_2" });
  });

  test("in a room whose characters are walked by the server ends the connection", async () => {
    await slime.enters({ ...ada, unitsPerCell: null });
    const words = message(24).text("You are in a place that this program cannot show.");
    expect([slime.heard(), slime.isClosed]).toEqual([[Buffer.from(words.bytes).toString("hex")], true]);
  });
});
