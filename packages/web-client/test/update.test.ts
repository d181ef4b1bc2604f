import type { EndReason } from "@sallyport/sdk";
import { describe, expect, it, test } from "vitest";
import { readLetter } from "../src/state.ts";
import {
  account,
  character,
  inMap,
  loggedIn,
  Played,
  placeOf,
  room,
  selecting,
  self,
  world,
} from "./played.ts";

describe("on the way into the game", () => {
  it("a new visitor sees the form to register, and one with a name the form to log in", () => {
    expect(new Played().state.screen).toEqual({ at: "title", form: "register" });
    expect(new Played("alice").state.screen).toEqual({ at: "title", form: "log-in" });
  });

  it("a registration logs in, and the only world is entered at once", () => {
    const played = new Played().happen({
      type: "command",
      command: { type: "register", sex: "female", email: "", invitation: "", ...account },
    });
    expect(played.state).toMatchObject({ busy: "register", accountName: "alice" });
    played.happen({ type: "registered", ...account }, { type: "logged-in", worlds: [world] });
    expect(played.commands.map(({ type }) => type)).toEqual([
      "register",
      "log-in",
      "remember",
      "enter-world",
    ]);
    expect(played.state.notice).toMatchObject({ news: "welcome", name: "alice" });
  });

  it("a code in a letter confirms an address or sets a new password, and leads to the form to log in", () => {
    const command = { type: "ask-reset", email: "ann@example.org" } as const;
    const played = new Played("alice").happen({ type: "command", command });
    played.happen({ type: "mailed", news: "letter-sent" });
    expect(played.state).toMatchObject({ screen: { form: "reset" }, notice: { news: "letter-sent" } });
    played.happen({
      type: "command",
      command: { type: "reset", code: "c0de", newPassword: "battery staple" },
    });
    expect(JSON.stringify(played.state)).not.toContain("battery staple");
    played.happen({ type: "mailed", news: "password-set" });
    expect(played.state).toMatchObject({ screen: { form: "log-in" }, notice: { news: "password-set" } });
    const logIn = { type: "log-in", ...account } as const;
    played.happen({ type: "command", command: logIn });
    played.happen({ type: "refused", command: logIn, refusal: "email-unconfirmed", isOutside: true });
    expect(played.state).toMatchObject({
      busy: null,
      screen: { form: "confirm" },
      notice: { refusal: "email-unconfirmed" },
    });
  });

  it("a letter leads to the form for its code, and nothing else in the address does", () => {
    expect(readLetter("#reset=c0de-_")).toEqual({ at: "title", form: "reset", code: "c0de-_" });
    expect(readLetter("#confirm=c0de")).toEqual({ at: "title", form: "confirm", code: "c0de" });
    for (const hash of ["", "#", "#reset=", "#register=x", "#reset=<b>", `#reset=${"x".repeat(65)}`])
      expect(readLetter(hash)).toBe(null);
  });

  it("the player chooses among several worlds", () => {
    const other = { ...world, name: "Beta" };
    const played = new Played().happen({ type: "logged-in", worlds: [world, other] });
    expect(played.state).toMatchObject({ busy: null, screen: { at: "worlds", worlds: [world, other] } });
  });

  it("without a world, the page says so", () => {
    const played = new Played().happen({ type: "logged-in", worlds: [] });
    expect(played.state).toMatchObject({ notice: { refusal: "no-world" }, screen: { at: "title" } });
  });

  it("a second button does nothing while a command is under way", () => {
    const played = selecting().happen({ type: "command", command: { type: "choose", charId: self } });
    played.taken();
    played.happen({ type: "command", command: { type: "log-out" } });
    expect(played.taken()).toEqual([]);
  });

  it("nothing that is remembered is secret", () => {
    const remembered = loggedIn().commands.filter(({ type }) => type === "remember");
    expect(remembered).toEqual([{ type: "remember", language: "en", accountName: "alice" }]);
    expect(JSON.stringify(loggedIn().state)).not.toContain(account.password);
  });

  it("a refusal leaves the screen as it is, and a lost connection leads back to the form", () => {
    const command = { type: "create", slot: 1, name: "Bo" } as const;
    const refused = selecting().happen({ type: "refused", command, refusal: "name-taken", isOutside: false });
    expect(refused.state).toMatchObject({
      busy: null,
      screen: { at: "select" },
      notice: { refusal: "name-taken" },
    });
    const lost = selecting().happen({ type: "refused", command, refusal: "unavailable", isOutside: true });
    expect(lost.state.screen).toEqual({ at: "title", form: "log-in" });
  });

  it("a character is deleted only after a confirmation", () => {
    const played = selecting().happen({ type: "ask-delete", character });
    expect(played.state.screen).toMatchObject({ deleting: character });
    played.happen({ type: "characters", characters: [], news: "deleted", name: "Aoi" });
    expect(played.state).toMatchObject({
      screen: { characters: [], deleting: null },
      notice: { news: "deleted" },
    });
  });
});

describe("after the loss of a connection", () => {
  const refused = (refusal: "unreachable" | "banned" | "address-banned" | "busy", retryAfterMs?: number) =>
    ({
      type: "refused",
      command: { type: "return", charId: self },
      refusal,
      isOutside: true,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }) as const;

  test.each<EndReason>(["disconnected", "server-stopping", "cluster-link-lost", "timed-out", "save-failed"])(
    "the page comes back by itself if the reason is %s, and keeps the last picture meanwhile",
    (reason) => {
      const played = inMap().happen({ type: "ended", reason });
      expect(played.state).toMatchObject({
        screen: { at: "map" },
        returning: { reason, charId: self, attempt: 1 },
      });
      played.happen({ type: "tick" });
      expect(played.taken()).toEqual([]);
      played.nowMs += 1_000;
      played.happen({ type: "tick" });
      expect(played.taken()).toEqual([{ type: "return", charId: self }]);
      played.happen({ type: "entered", place: placeOf(room, { x: 3, y: 3 }) });
      expect(played.state).toMatchObject({
        returning: null,
        busy: null,
        screen: { position: { x: 3, y: 3 } },
      });
    },
  );

  test.each<EndReason>(["logged-in-elsewhere", "lock-lost", "second-choice", "version-unsupported"])(
    "the page never comes back by itself if the reason is %s, and the player can ask for it",
    (reason) => {
      const played = inMap().happen({ type: "ended", reason });
      expect(played.state).toMatchObject({ returning: null, screen: { at: "ended", reason, charId: self } });
      played.nowMs += 1_000_000;
      played.happen({ type: "tick" });
      expect(played.taken()).toEqual([]);
      played.happen({ type: "come-back" });
      expect(played.taken()).toEqual([{ type: "return", charId: self }]);
    },
  );

  it("each pause is longer, up to 15 s, and the server can ask for more; the page never gives up", () => {
    const played = inMap().happen({ type: "ended", reason: "disconnected" });
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 1_000; attempt += 1) {
      const dueMs = played.state.returning?.dueMs ?? Number.NaN;
      pauses.push(dueMs - played.nowMs);
      played.nowMs = dueMs;
      played.happen({ type: "tick" }, refused("unreachable"));
    }
    expect(pauses.slice(0, 7)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(Math.max(...pauses)).toBe(15_000);
    expect(played.state).toMatchObject({ returning: { attempt: 1_001 }, screen: { at: "map" } });

    const asked = inMap().happen({ type: "ended", reason: "disconnected" }, refused("busy", 60_000));
    expect(asked.state.returning?.dueMs).toBe(asked.nowMs + 60_000);
  });

  it("a refusal for good ends the attempts", () => {
    const played = inMap().happen({ type: "ended", reason: "disconnected" }, refused("banned"));
    expect(played.state).toMatchObject({ returning: null, screen: { at: "ended", refusal: "banned" } });
  });

  it("a ban ends the attempts, although it has an end itself, and the page keeps what to say of it", () => {
    const explained = { untilMs: 86_400_000, text: "spam" };
    const ban = { ...refused("address-banned", 86_000_000), explained };
    const played = inMap().happen({ type: "ended", reason: "disconnected" }, ban);
    const screen = { at: "ended", reason: "disconnected", refusal: "address-banned", explained };
    expect(played.state).toMatchObject({ returning: null, screen });
    const putOut = inMap().happen({ type: "ended", reason: "banned", explained });
    expect(putOut.state.screen).toMatchObject({ at: "ended", reason: "banned", refusal: null, explained });
  });

  it("the player can try at once, and can give up", () => {
    const played = inMap().happen({ type: "ended", reason: "disconnected" }, { type: "come-back" });
    expect(played.taken()).toEqual([{ type: "return", charId: self }]);
    played.happen({ type: "come-back" });
    expect(played.taken()).toEqual([]);
    played.happen({ type: "give-up" });
    expect(played.state).toMatchObject({ returning: null, busy: null, screen: { at: "title" } });
    expect(played.taken()).toEqual([{ type: "forget" }]);
  });

  it("nothing is asked of the lost server meanwhile", () => {
    const played = inMap().happen({ type: "ended", reason: "disconnected" });
    played.happen(
      { type: "point", x: 1, y: 2 },
      { type: "heading", heading: { dx: 1, dy: 0 } },
      { type: "say", text: "hello" },
    );
    expect(played.taken()).toEqual([]);
  });

  it("a player at character select comes back there", () => {
    const played = selecting().happen({ type: "ended", reason: "disconnected" }, { type: "come-back" });
    expect(played.commands.at(-1)).toEqual({ type: "return", charId: null });
  });
});
