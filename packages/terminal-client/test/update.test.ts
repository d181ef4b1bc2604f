import { describe, expect, it } from "vitest";
import type { Command } from "../src/index.ts";
import { inMap, loggedIn, Played, place, selecting, self, world } from "./played.ts";

describe("the title", () => {
  it("logs in with the typed name and password", () => {
    const played = new Played()
      .press("enter")
      .type("alicf")
      .press("backspace")
      .type("e")
      .press("tab")
      .type("s q");
    expect(played.press("enter").commands).toEqual([{ type: "log-in", name: "alice", password: "s q" }]);
    expect(played.footer).toContain("Logging in…");
  });

  it.each([
    [
      { type: "register", name: "a b", password: "pw", email: "", invitation: "", sex: "male" },
      "outside",
      false,
    ],
    [{ type: "create", slot: 0, name: "a b" }, "select", true],
  ] as const)(
    "tells of the rules of the world only for the name of a character: %j",
    (command, standing, isWorld) => {
      const played = isWorld ? selecting() : new Played().press("down", "enter");
      played.happen({ type: "refused", command, refusal: "name-invalid", standing });
      const told = played.lines().join(" ").replaceAll(/\s+/g, " ");
      expect(told).toContain("3 to 20 letters");
      expect(told.includes("unless this world has another rule")).toBe(isWorld);
    },
  );

  it("starts at the password if the name is known", () => {
    expect(new Played("alice").type("pw").press("enter").commands).toEqual([
      { type: "log-in", name: "alice", password: "pw" },
    ]);
  });

  it("an e-mail address may take the place of a name, and a refused login asks for the code in its letter", () => {
    const played = new Played().press("down", "enter", "tab").type("pw").press("tab", "tab");
    played.type("bob@example.org").press("enter");
    const command = { type: "register", name: "", password: "pw", email: "bob@example.org" } as const;
    expect(played.commands).toMatchObject([command]);
    const logIn = { type: "log-in", name: "bob@example.org", password: "pw" } as const;
    played.happen({ type: "registered", name: logIn.name, password: "pw" });
    const standing = "outside";
    played.happen({ type: "refused", command: logIn, refusal: "email-unconfirmed", standing });
    expect(played.state.screen).toMatchObject({ purpose: "confirm", name: "bob@example.org" });
    played.type("c0de").press("enter");
    expect(played.commands.at(-1)).toEqual({ type: "confirm", code: "c0de" });
    played.happen({ type: "mailed", news: "The address is confirmed.", next: "log-in" });
    expect(played.state).toMatchObject({ screen: { purpose: "log-in", focus: 1 }, busy: null });
  });

  it("asks for a code, and sets a new password with it", () => {
    const played = new Played("bob").press("escape", "down", "down", "enter");
    played.type("bob@example.org").press("enter");
    expect(played.commands.at(-1)).toEqual({ type: "ask-reset", email: "bob@example.org" });
    played.happen({ type: "mailed", news: "It is on its way.", next: "reset" });
    played.type("c0de").press("enter").type("battery staple").press("enter");
    expect(played.commands.at(-1)).toEqual({ type: "reset", code: "c0de", newPassword: "battery staple" });
  });

  it("registers, and logs in with the new account at once", () => {
    const played = new Played().press("down", "enter").type("bob").press("enter").type("pw").press("enter");
    played.press("right", "enter").happen({ type: "registered", name: "bob", password: "pw" });
    expect(played.commands).toEqual([
      { type: "register", name: "bob", password: "pw", sex: "male", email: "", invitation: "" },
      { type: "log-in", name: "bob", password: "pw" },
    ]);
  });

  it("says at each field of a form what Enter does there", () => {
    const played = new Played().press("down", "enter");
    expect(played.footer).toContain("Enter: to Password");
    played.type("bob").press("enter").type("pw");
    expect(played.footer).toContain("Enter: to Sex");
    expect(played.press("enter").footer).toContain("Enter: register");
    expect(played.press("tab").footer).toContain("Enter: register");
    expect(played.press("up", "up").press("backspace", "backspace", "down").footer).toContain(
      "Enter: to Password",
    );
    const known = new Played("alice");
    expect(known.footer).not.toContain("Enter:");
    expect(known.type("pw").footer).toContain("Enter: log in");
  });

  it("never shows a password", () => {
    const played = new Played("alice").type("hunter2");
    expect(played.lines().join("\n")).not.toContain("hunter2");
    expect(played.lines().join("\n")).toContain("•••••••");
  });

  it("sends nothing while a field is empty", () => {
    expect(new Played("alice").press("enter").commands).toEqual([]);
  });

  it("enters the only world, and lets the player choose among several", () => {
    expect(loggedIn().commands.at(-1)).toEqual({ type: "enter-world", world });
    const other = { ...world, name: "alfheim" };
    const played = new Played("alice").happen({ type: "logged-in", worlds: [world, other] });
    expect(played.lines().join("\n")).toContain("alfheim, 3 players");
    expect(played.press("down", "enter").commands).toEqual([{ type: "enter-world", world: other }]);
  });
});

describe("a refusal", () => {
  const logIn: Command = { type: "log-in", name: "alice", password: "pw" };

  it("is shown as a sentence, and leaves the form as it was filled in", () => {
    const played = new Played("alice").type("pw").press("enter");
    played.happen({ type: "refused", command: logIn, refusal: "no-world", standing: "outside" });
    expect(played.footer).toContain("No world is open at the moment.");
    expect(played.state.screen).toMatchObject({ at: "form", name: "alice", password: "pw" });
  });

  it("of the password clears it, and typing starts again", () => {
    for (const refusal of ["wrong-name-or-password", "password-invalid"] as const) {
      const played = new Played("alice").type("pw").press("enter");
      played.happen({ type: "refused", command: logIn, refusal, standing: "outside" });
      expect(played.footer).toMatch(/password/);
      played.type("secret").press("enter");
      expect(played.commands.at(-1)).toEqual({ type: "log-in", name: "alice", password: "secret" });
    }
  });

  it("shows where nothing listens, and what to do about it", () => {
    const played = new Played("alice").happen({
      type: "refused",
      command: logIn,
      refusal: "unreachable",
      standing: "outside",
    });
    expect(played.footer).toContain("Nothing listens on 127.0.0.1:7100. Start it with npm start.");
  });

  it("shows why a running server cannot be reached", () => {
    const refused = { type: "refused", command: logIn, refusal: "unreachable", standing: "outside" } as const;
    const why = "127.0.0.1:7100: the certificate is for another name";
    expect(new Played("alice").happen({ ...refused, why }).footer).toContain(`Could not be reached: ${why}.`);
    const nobody = new Played("alice").happen({ ...refused, why: "127.0.0.1:7100: ECONNREFUSED" });
    expect(nobody.footer).toContain("Nothing listens on 127.0.0.1:7100.");
  });

  it("that may end is retried on request, and not before its time", () => {
    const played = new Played("alice").type("pw").press("enter");
    const command = played.commands.at(-1) ?? logIn;
    played.happen({
      type: "refused",
      command,
      refusal: "already-online",
      standing: "outside",
      retryAfterMs: 3_000,
    });
    expect(played.footer).toContain("Enter: try again in 3 s");
    played.nowMs = 1_500;
    played.press("enter").happen({ type: "tick" });
    expect(played.footer).toContain("Trying again in 2 s");
    expect(played.commands).toHaveLength(1);
    played.nowMs = 3_000;
    played.happen({ type: "tick" });
    expect(played.commands).toEqual([command, command]);
    expect(played.footer).toContain("Logging in…");
  });

  it("that may end is shown in full on a small screen", () => {
    const played = new Played("alice");
    played.happen({
      type: "refused",
      command: logIn,
      refusal: "already-online",
      standing: "outside",
      retryAfterMs: 1,
    });
    for (const columns of [40, 80]) {
      const lines = played.lines(columns).join(" ").replaceAll(/ +/g, " ");
      expect(lines).toContain("Whoever plays it has been asked to leave. Enter: try again");
    }
  });

  it("that may end can be dismissed", () => {
    const played = new Played("alice");
    played.happen({
      type: "refused",
      command: logIn,
      refusal: "busy",
      standing: "outside",
      retryAfterMs: 10,
    });
    played.nowMs = 10_000;
    expect(played.press("escape").happen({ type: "tick" }).commands).toEqual([]);
    expect(played.footer).toContain("Tab: next field");
  });

  it("at the map's door leads back to the title", () => {
    const played = selecting().press("down", "enter");
    const command: Command = { type: "enter-world", world };
    played.happen({ type: "refused", command, refusal: "not-expected", standing: "outside" });
    expect(played.state.screen).toMatchObject({ at: "menu", name: "alice" });
    expect(played.state.busy).toBeNull();
  });
});

describe("character select", () => {
  it("chooses the character in a slot, and offers to create one in a free slot", () => {
    expect(selecting().press("down", "enter").commands.at(-1)).toEqual({ type: "choose", charId: self });
    const played = selecting().press("enter").type("Bea").press("enter");
    expect(played.commands.at(-1)).toEqual({ type: "create", slot: 0, name: "Bea" });
  });

  it("finds the free slot for a new character", () => {
    expect(selecting().press("down", "n").type("Bea").press("enter").commands.at(-1)).toMatchObject({
      slot: 0,
    });
  });

  it("deletes only after a yes", () => {
    const played = selecting().press("down", "d");
    expect(played.lines().join("\n")).toContain("Delete Aoi for good? y/n");
    expect(played.press("enter", "d", "n").commands.some(({ type }) => type === "delete")).toBe(false);
    expect(played.press("d", "y").commands.at(-1)).toEqual({ type: "delete", charId: self });
  });

  it("logs out", () => {
    expect(selecting().press("q").commands.at(-1)).toEqual({ type: "log-out" });
  });
});

describe("keys that arrive while the client waits for an answer", () => {
  it("count afterwards, in their order", () => {
    const played = new Played("alice").type("secret").press("enter");
    played.press("down", "enter", "right");
    expect(played.commands).toHaveLength(1);
    played.happen({ type: "logged-in", worlds: [world] });
    const characters = [{ charId: self, slot: 1, name: "Aoi", position: place.position }];
    played.happen({ type: "selecting", characters, slotCount: 3 });
    expect(played.commands.at(-1)).toEqual({ type: "choose", charId: self });
    played.happen({ type: "entered", place });
    expect(played.commands.at(-1)).toEqual({ type: "walk", x: 5, y: 3 });
  });

  it("do nothing if the answer is a refusal, since they were meant for another screen", () => {
    const played = new Played("alice").type("wrong").press("enter").press("down", "enter");
    const command: Command = { type: "log-in", name: "alice", password: "wrong" };
    played.happen({ type: "refused", command, refusal: "wrong-name-or-password", standing: "outside" });
    expect(played.commands).toHaveLength(1);
    expect(played.state.screen).toMatchObject({ at: "form", password: "", focus: 1 });
    expect(inMap().press("c", "q").happen({ type: "ended", reason: "lock-lost" }).commands.at(-1)).toEqual({
      type: "back",
    });
  });

  it("are kept in a bounded number", () => {
    const played = new Played("alice").type("secret").press("enter");
    for (let key = 0; key < 10_000; key += 1) played.press("down");
    expect(played.state.keysAhead.length).toBeLessThan(100);
  });
});

describe("Ctrl-C", () => {
  it("saves and quits from anywhere, and does not wait the second time", () => {
    for (const played of [new Played(), new Played("alice"), selecting(), inMap(), inMap().press("t")]) {
      expect(played.press("interrupt").commands.at(-1)).toEqual({ type: "quit" });
      expect(played.press("interrupt").commands.at(-1)).toEqual({ type: "abandon" });
    }
  });
});
