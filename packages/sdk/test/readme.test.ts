import { readFileSync } from "node:fs";
import type { Outcome } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import type { CharacterSelect, Client, EndReason, Game, GameEvent } from "../src/index.ts";
import { comesBack } from "./example/come-back.ts";

/*
 * The tables of README.md against the types. If a call gets a refusal, or the SDK a call, an event or a reason
 * for an end, then the objects below do not compile until they have it, and the tests fail until README.md has
 * it.
 */

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Returns the cells of the rows under a heading. The first cell of a row is in backticks. */
function rowsUnder(heading: string): string[][] {
  const [, section = ""] = readme.split(`## ${heading}\n`);
  const [part = ""] = section.split(/^## /m);
  return [...part.matchAll(/^\| `([^`]+)`[^|]* \|(.*)\|$/gm)].map(([, name = "", cells = ""]) => [
    name,
    ...cells.split("|").map((cell) => cell.trim()),
  ]);
}
const quoted = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word).sort();

type AnyCall = (...args: never[]) => Promise<Outcome<unknown, string>>;
type RefusalOf<Call extends AnyCall> = Extract<Awaited<ReturnType<Call>>, { ok: false }>["refusal"];

const ofAllCalls = [
  ...["unavailable", "busy", "out-of-order"],
  ...["disconnected", "unanswered", "version-unsupported", "not-sendable"],
] as const;
type OfAllCalls = (typeof ofAllCalls)[number];

/** The calls of a class, each with the refusals that not all calls have. */
type Calls<Of> = {
  readonly [N in keyof Of as Of[N] extends AnyCall ? N : never]: Of[N] extends AnyCall
    ? OfAllCalls extends RefusalOf<Of[N]>
      ? Readonly<Record<Exclude<RefusalOf<Of[N]>, OfAllCalls>, true>>
      : never
    : never;
};

const banned = { "address-banned": true, "device-banned": true } as const;

const client: Calls<Client> = {
  register: {
    ...{ "name-invalid": true, "name-taken": true, "password-invalid": true },
    ...{ "registration-closed": true, "email-invalid": true, "email-taken": true },
    ...{ "invitation-invalid": true, "too-many-attempts": true, "too-many-accounts": true },
    ...{ unreachable: true, banned: true, ...banned },
  },
  confirmEmail: {
    ...{ "code-invalid": true, "email-taken": true, unreachable: true },
    ...{ banned: true, "address-banned": true },
  },
  changePassword: {
    ...{ "wrong-name-or-password": true, banned: true, "email-unconfirmed": true },
    ...{ "password-invalid": true, "too-many-attempts": true, unreachable: true, "address-banned": true },
  },
  askPasswordReset: { "no-mail": true, unreachable: true, banned: true, "address-banned": true },
  resetPassword: {
    ...{ "code-invalid": true, "password-invalid": true, unreachable: true },
    ...{ banned: true, "address-banned": true },
  },
  prepareLogIn: {
    ...{ "wrong-name-or-password": true, "too-many-attempts": true, banned: true, "address-banned": true },
    ...{ unreachable: true, "server-not-genuine": true },
  },
  logIn: {
    ...{ "wrong-name-or-password": true, banned: true, "already-online": true, overtaken: true },
    ...{ "email-unconfirmed": true, "no-world": true, "too-many-attempts": true },
    ...{ unreachable: true, "server-not-genuine": true, ...banned },
  },
  identityToken: {
    ...{ "not-logged-in": true, banned: true, "audience-unknown": true, "no-tokens": true },
    ...{ unreachable: true, ...banned },
  },
  resume: { "not-logged-in": true, "already-online": true, unreachable: true, banned: true },
  enterWorld: { "not-logged-in": true, "already-online": true, unreachable: true, banned: true },
  enterMap: { "not-expected": true, unreachable: true, banned: true },
};

const select: Calls<CharacterSelect> = {
  create: {
    ...{ "name-invalid": true, "name-taken": true, "slot-invalid": true, "slot-taken": true },
    "map-unavailable": true,
  },
  delete: { "no-such-character": true, "not-yet": true },
  choose: {
    ...{ "no-such-character": true, "map-unavailable": true, "state-invalid": true },
    ...{ "not-expected": true, unreachable: true, banned: true },
  },
  handOver: { "no-such-character": true, "map-unavailable": true, "state-invalid": true },
};

const game: Calls<Game> = {
  walk: { "no-path": true },
  enterRoom: { "no-such-room": true },
  report: { "too-fast": true, outside: true, "too-many": true, "not-reported": true },
  say: { "text-invalid": true, muted: true },
  click: { "no-such-actor": true, "too-far": true, failed: true },
  take: { "no-such-actor": true, "too-far": true, "no-room": true, failed: true },
  answer: { "no-dialogue": true, failed: true },
  buy: { "no-shop": true, "too-dear": true, "no-room": true, failed: true },
  send: { "unknown-command": true, invalid: true, "too-many": true, refused: true, failed: true },
  order: {
    ...{ "not-allowed": true, "no-such-player": true, "no-such-map": true },
    ...{ invalid: true, "too-many": true },
  },
  save: { "too-many": true },
  leave: {},
  backToCharSelect: { "not-logged-in": true, "already-online": true, unreachable: true, banned: true },
};

const events: Readonly<Record<GameEvent["type"], true>> = {
  ...{ "actor.appeared": true, "actor.moved": true, "actor.vanished": true },
  ...{ "actor.said": true, "actor.changed": true, "character.changed": true },
  ...{ "dialogue.said": true, "dialogue.asked": true, "dialogue.paused": true, "dialogue.ended": true },
  ...{
    announced: true,
    "shop.offered": true,
    "game.event": true,
    "map.changed": true,
    "client.kicked": true,
  },
};

const ends: Readonly<Record<EndReason, true>> = {
  ...{ left: true, disconnected: true, "version-unsupported": true },
  ...{ "logged-in-elsewhere": true, "second-choice": true, "lock-lost": true, "server-stopping": true },
  ...{ "cluster-link-lost": true, "timed-out": true, "save-failed": true },
  ...{ banned: true, kicked: true, "credential-changed": true },
};

describe("README.md lists", () => {
  test("each call with the refusals that not all calls have", () => {
    const expected = Object.entries({ client, select, game }).flatMap(([of, calls]) =>
      Object.entries(calls).map(([name, refusals]) => [`${of}.${name}`, Object.keys(refusals).sort()]),
    );
    const listed = rowsUnder("Calls and refusals").map(([call, , refusals]) => [call, quoted(refusals)]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(expected));
  });

  test("the refusals of all calls", () => {
    const [, paragraph = ""] = /^Every call can be refused ([^]*?)\n\n/m.exec(readme) ?? [];
    expect(quoted(paragraph)).toEqual(expect.arrayContaining([...ofAllCalls]));
  });

  test("each event of a game", () => {
    expect(
      rowsUnder("Events")
        .map(([name]) => name)
        .sort(),
    ).toEqual(Object.keys(events).sort());
  });

  test("each reason for an end, and whether its example comes back by itself", () => {
    const listed = rowsUnder("When a game ends").map(([reason, , back]) => [reason, back === "yes"]);
    const expected = Object.keys(ends).map((reason) => [reason, comesBack.has(reason as EndReason)]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(expected));
  });
});
