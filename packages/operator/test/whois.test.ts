import type { AccountLock, CharacterLock, ServerLock } from "@sallyport/lock-core";
import { describe, expect, test } from "vitest";
import { lockRow } from "../src/lock-rows.ts";
import { accountWords, characterWords } from "../src/lock-words.ts";
import { type WhoisFacts, whois } from "../src/whois.ts";
import {
  account,
  accountLocks,
  characterLocks,
  deadlineBeside,
  secrets,
  storeNowMs,
  wallNowMs,
} from "./scene.ts";

const connected = (incarnation: string): Extract<ServerLock, { state: "connected" }> => ({
  state: "connected",
  incarnation,
  cookieHash: secrets[2],
  deadlineMs: storeNowMs + 6_000,
});

interface Scene extends Partial<Omit<WhoisFacts, "locks">> {
  readonly accountLock?: AccountLock;
  readonly characterLock?: CharacterLock;
  readonly char?: ServerLock;
  readonly map?: ServerLock;
}

function asked({
  accountLock,
  characterLock,
  char = connected("char-life"),
  map = connected("map-life"),
  ...facts
}: Scene) {
  const read = (world: string | null, lock: AccountLock | CharacterLock | undefined) =>
    lock === undefined || lock.state === "free"
      ? []
      : [
          lockRow(
            {
              key: `${world === null ? "account" : "character"}:${account.accountId}`,
              value: JSON.stringify(lock),
              deadlineMs: deadlineBeside(lock),
              world,
              nowMs: storeNowMs,
            },
            (of) => (of === null ? char : map),
          ),
        ];
  return whois({
    account,
    locks: [...read(null, accountLock), ...read("Alpha", characterLock)].flatMap((row) => row ?? []),
    isAccountLockSeen: true,
    charServersLinked: 1,
    isConfirmationRequired: false,
    graceLeftMs: 0,
    ...{ bannedPlaces: [], refusals: [], limits: [] },
    evictMs: 10_000,
    nowMs: wallNowMs,
    ...facts,
  });
}

const { held } = accountLocks;
const { playing } = characterLocks;
const unconfirmed = { ...account, email: "wanda@example.org" };

test("an address that is not confirmed is told as the cause where it must be, with its remedy", () => {
  const { verdict, says, todo } = asked({ account: unconfirmed, isConfirmationRequired: true });
  expect(verdict).toBe("unconfirmed");
  expect(says).toContainEqual(
    expect.stringMatching(/not confirmed: logins are refused as email-unconfirmed/),
  );
  expect(todo).toEqual(['If its player gets no letter: sallyport account email "walker" wanda@example.org']);
});

test("an address that is not confirmed is no cause where none must be, nor is one that is", () => {
  const confirmed = { ...unconfirmed, isEmailConfirmed: true };
  for (const facts of [
    { account: unconfirmed, isConfirmationRequired: false },
    { account: confirmed, isConfirmationRequired: true },
    { account, isConfirmationRequired: true },
  ]) {
    const { verdict, says } = asked(facts);
    expect([verdict, says.join()]).toEqual(["can-log-in", expect.not.stringContaining("confirmed")]);
  }
});

test("a server that does not know whether addresses must be confirmed says so", () => {
  const { verdict, says } = asked({ account: unconfirmed, isConfirmationRequired: null });
  expect(verdict).toBe("can-log-in");
  expect(says).toContainEqual(expect.stringContaining("where EMAIL_CONFIRMATION=required"));
});

const away: ServerLock = { ...connected("map-life"), state: "away", deadlineMs: storeNowMs + 9_000 };

test("an account without an owner can log in, and the answer has its last login", () => {
  const { verdict, waitMs, says, todo } = asked({});
  expect({ verdict, waitMs, todo }).toEqual({ verdict: "can-log-in", waitMs: null, todo: [] });
  expect(says).toEqual([
    "Account walker (#2000000) last logged in 2026-11-21 16:25 UTC, 5 min ago.",
    "No server owns the account.",
  ]);
  expect(asked({ account: { ...account, lastLoginMs: null } }).says[0]).toContain("never logged in");
});

const ofAccount: { readonly [S in keyof typeof accountLocks]: readonly unknown[] } = {
  granted: [
    "can-log-in",
    null,
    "A client has just logged in and is on its way to a char-server. It has 12 s left.",
    "A new login succeeds and replaces that one.",
  ],
  held: [
    "in-use",
    null,
    "Char-server alpha owns the account.",
    "At a new login the login-server asks alpha to save and release the account, which takes 10 s at most. Native clients wait for that. Others are refused as already-online and can log in when they try again.",
  ],
  evicting: [
    "waits",
    12_000,
    "Char-server alpha owns the account and was asked to release it, because another client wants to log in. It has 12 s left.",
    "After that the account is free, even if alpha has not answered.",
  ],
};

const makesSave = "At a new login map-1 has to save and release it, which takes 10 s at most.";
const putOut = "A new login disconnects its client there at once.";
const ofCharacter: { readonly [S in keyof typeof characterLocks]: readonly unknown[] } = {
  choosing: [
    "in-use",
    null,
    "In Alpha it is at character select of alpha. If its client is gone, that ends in 12 s.",
    putOut,
  ],
  returning: [
    "in-use",
    null,
    "In Alpha it left the map and is on its way back to character select of alpha. It has 12 s left.",
    putOut,
  ],
  "handing-over": [
    "in-use",
    null,
    "In Alpha, alpha is handing Wanda (#150000) over to map-server map-2, which has 12 s left to accept.",
    "A new login cancels the hand-over at once.",
  ],
  entering: [
    "in-use",
    null,
    "In Alpha, map-server map-1 owns Wanda (#150000) and waits 12 s more for its client.",
    makesSave,
  ],
  playing: ["in-use", null, "In Alpha, Wanda (#150000) plays on map-server map-1.", makesSave],
  hopping: [
    "in-use",
    null,
    "In Alpha, Wanda (#150000) is hopping from map-server map-1 to map-2. It has 12 s left.",
    makesSave,
  ],
  evicting: [
    "waits",
    12_000,
    "In Alpha, map-server map-1 was asked to save and release Wanda (#150000). It has 12 s left.",
    "After that it is free, even if map-1 has not answered. A later save of map-1 is refused.",
  ],
};

test("a limit that refuses the next login is told with its count and its end", () => {
  const counted = { by: "name", count: 9, limit: 5, isReached: true, leftMs: 16_000 } as const;
  const { says, verdict, waitMs } = asked({ limits: [counted] });
  expect([verdict, waitMs]).toEqual(["waits", 16_000]);
  expect(says.at(-1)).toMatch(
    /^Logins with this name have to wait: 9 wrong passwords for the name, for 16 s more/,
  );
  expect(asked({ limits: [{ ...counted, isReached: false }] }).verdict).toBe("can-log-in");
});

test("the last refused logins are told with their reason, their address and their age", () => {
  const refusal = {
    why: "wrong-name-or-password",
    address: "10.0.0.7",
    atMs: wallNowMs - 240_000,
    times: 12,
  };
  const { says, verdict } = asked({
    refusals: [
      { ...refusal, times: 5 },
      { ...refusal, times: 7, atMs: wallNowMs - 300_000 },
      { ...refusal, why: "banned", address: null, times: 1, atMs: wallNowMs - 7_200_000 },
    ],
  });
  expect(verdict).toBe("can-log-in");
  expect(says.at(-1)).toBe(
    "The last refused logins: wrong-name-or-password, 12 times from 10.0.0.7, 4 min ago; banned, 2 h ago.",
  );
});

describe("in words", () => {
  test.each(Object.entries(ofAccount))(
    "an account lock that is %s says who owns it and what happens to a login",
    (state, words) => {
      const { verdict, waitMs, says } = asked({ accountLock: accountLocks[state as keyof typeof ofAccount] });
      expect([verdict, waitMs, ...says.slice(1)]).toEqual(words);
    },
  );

  test.each(Object.entries(ofCharacter))(
    "a character lock that is %s says who owns which character and what happens to a login",
    (state, words) => {
      const characterLock = characterLocks[state as keyof typeof ofCharacter];
      const { verdict, waitMs, says } = asked({ characterLock });
      expect([verdict, waitMs, ...says.slice(2)]).toEqual(words);
      // If the account is held as well, the account lock decides. The words about the character stay the
      // same.
      expect(asked({ accountLock: held, characterLock }).says.at(-1)).toBe(words[2]);
    },
  );
});

test("no two states have the same words", () => {
  for (const table of [accountWords, characterWords]) {
    const all = Object.values(table).map(({ is }) => is);
    expect(new Set(all).size).toBe(all.length);
  }
});

test("a map-server that is away is named with the time left and what to do", () => {
  const { verdict, says, todo } = asked({ accountLock: held, characterLock: playing, map: away });
  expect(verdict).toBe("in-use");
  expect(says).toContain(
    "In Alpha, Wanda (#150000) plays on map-server map-1. map-1 is away: its link dropped. It has 9 s left to come back. After that its locks are free.",
  );
  expect(todo).toEqual(["Start map-1 again or repair its network connection, or wait 9 s."]);
});

test.each([
  ["was given up", { state: "absent" } as const],
  ["is there in another life", connected("later-life")],
])("an owner that %s counts as given up", (_, map) => {
  const { says, todo } = asked({ accountLock: held, characterLock: playing, map });
  expect(says.join()).toContain("map-1 is not linked any more and was given up");
  expect(todo).toHaveLength(1);
});

test("an owner that came back and is still reclaiming is not given up", () => {
  const map: ServerLock = { ...connected("later-life"), earlier: ["map-life"] };
  expect(asked({ accountLock: held, characterLock: playing, map }).todo).toEqual([]);
});

test("a character at character select belongs to its char-server, whose link does not matter", () => {
  const { says } = asked({
    accountLock: held,
    characterLock: characterLocks.choosing,
    char: connected("char-life"),
  });
  expect(says.join()).not.toContain("given up");
});

test("a ban is reported with its end and how to lift it, whoever owns the account; an expired ban is not", () => {
  const bannedUntilMs = wallNowMs + 3 * 86_400_000;
  const { verdict, says, todo, bannedUntil } = asked({
    account: { ...account, bannedUntilMs, bannedBy: "ada", banReason: "spam" },
    accountLock: held,
  });
  expect(verdict).toBe("banned");
  expect(bannedUntil).toBe("2026-11-24T16:30:00.000Z");
  expect(says[1]).toContain("It is banned until 2026-11-24 16:30 UTC, for 3 days more by ada");
  expect(says[1]).toContain("Its player is told: spam");
  expect(todo).toEqual(['To lift the ban: sallyport account unban "walker"']);
  const endless = asked({ account: { ...account, bannedUntilMs: Number.POSITIVE_INFINITY } });
  expect(endless).toMatchObject({ verdict: "banned", bannedUntil: "infinity" });
  expect(endless.says[1]).toContain("It is banned for ever: logins are refused as banned");
  const over = asked({ account: { ...account, bannedUntilMs: wallNowMs } });
  expect(over.verdict).toBe("can-log-in");
  expect(over.says.join()).not.toContain("banned");
});

test("locks that are being restored keep all clients out until then", () => {
  expect(asked({ graceLeftMs: 20_000 })).toMatchObject({ verdict: "waits", waitMs: 20_000 });
});

test("without a char-server there is no world to log in to", () => {
  const { verdict, todo } = asked({ charServersLinked: 0 });
  expect(verdict).toBe("no-world");
  expect(todo[0]).toContain("LOGIN_LINK");
  expect(asked({ charServersLinked: null }).verdict).toBe("can-log-in");
});

test("nothing is claimed about an account whose lock is in another process", () => {
  const { verdict, says } = asked({
    isAccountLockSeen: false,
    charServersLinked: null,
    characterLock: playing,
  });
  expect(verdict).toBe("not-known");
  expect(says[1]).toBe("This server cannot tell who owns the account.");
  expect(says[2]).toContain("Wanda (#150000) plays on map-server map-1");
});

test("no answer has a login id or a cookie", () => {
  for (const accountLock of Object.values(accountLocks)) {
    for (const characterLock of Object.values(characterLocks)) {
      const told = JSON.stringify(asked({ accountLock, characterLock, map: away }));
      for (const secret of secrets) expect(told).not.toContain(secret);
      expect(told).toContain("feedbeef0001");
    }
  }
});
