import type { FoundAccount } from "@sallyport/database";
import { type AccountId, accepted, Fence, type Kick, type Role, refused } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { adminRequests } from "../src/requests/admin-requests.ts";
import { readFields } from "../src/requests/fields.ts";
import type { Caller, Services } from "../src/requests/request.ts";
import { account, wallNowMs } from "./scene.ts";

const others: readonly FoundAccount[] = [
  { ...account, accountId: 2_000_001, name: "gareth", role: "gamemaster", characters: [] },
  { ...account, accountId: 2_000_002, name: null, email: "eve@example.org", characters: [] },
  {
    ...account,
    accountId: 2_000_003,
    name: "banned",
    bannedUntilMs: Number.POSITIVE_INFINITY,
    characters: [],
  },
  { ...account, accountId: 2_000_004, name: "over", bannedUntilMs: wallNowMs - 1, characters: [] },
];

function scene({ isLoginHere = true } = {}) {
  const done: unknown[] = [];
  const order = (what: string) => async (of: { readonly accountId: AccountId }) => {
    done.push([what, of]);
    return accepted({ accountId: of.accountId });
  };
  const services = {
    lookup: {
      find: async (name: string) =>
        [account, ...others].filter((each) =>
          [each.name, each.email, `#${each.accountId}`, ...each.characters.map((of) => of.name)].includes(
            name,
          ),
        ),
      banned: async (countMax: number) =>
        [others[1], others[2]].slice(0, countMax).map((each) => ({
          ...{ accountId: each?.accountId, name: each?.name, email: each?.email },
          ...{ untilMs: wallNowMs + 3_600_000, reason: "spam", by: "ada" },
        })),
    },
    accounts: { setBan: order("ban"), setRole: order("role"), setMute: order("mute") },
    login: isLoginHere
      ? {
          putOut: async (accountId: AccountId, kick: Kick) => {
            done.push(["put out", accountId, kick]);
            return accountId === 2_000_000 ? accepted({}) : refused("not-held");
          },
          endLogins: async (...of: [AccountId, Fence]) => void done.push(["logins end", ...of]),
        }
      : null,
    createCredential: async () => accepted({}),
    accountAdmin: {
      setEmail: order("email"),
      setPassword: async (change: { readonly accountId: AccountId; readonly endsLogins: boolean }) => {
        done.push(["password", change.accountId, change.endsLogins]);
        return accepted({ fence: Fence(7) });
      },
    },
    networkBans: {
      add: async (ban: object) => {
        done.push(["place", ban]);
        return accepted({ id: 7 });
      },
      list: async () => [],
      lift: async (id: number) => {
        done.push(["lift", id]);
        return accepted({});
      },
    },
    orderGiven: () => void done.push("told"),
    wallMs: () => wallNowMs,
  } as unknown as Services;
  const as = (role: Role): Caller => ({ name: "ada", role, address: "127.0.0.1" });
  const ask = async (
    command: string,
    given: { readonly [field: string]: string },
    role: Role = "administrator",
  ) => {
    const row = adminRequests.find((each) => each.command === command);
    if (row === undefined) throw new Error(`no command ${command}`);
    const read = readFields(row.fields, given);
    if (!read.ok) return read.problem;
    return row.answer(services, read.values as never, as(role));
  };
  /** What the operator reads. */
  const reads = async (command: string, given: { readonly [field: string]: string }) => {
    const answer = await ask(command, given);
    if (typeof answer === "string" || !answer.ok) return answer;
    const row = adminRequests.find((each) => each.command === command);
    return row?.text(answer.value as never, wallNowMs);
  };
  return { done, ask, reads };
}

describe("an account", () => {
  test("is banned for a time, for ever, or until a date, and all servers are told", async () => {
    const { done, ask } = scene();
    for (const until of ["12h", "forever", "2026-12-31", "2026-12-31T18:00", "2026-12-31T18:00+01:00"])
      expect(await ask("account ban", { name: "walker", until, reason: "spam" })).toMatchObject({ ok: true });
    const ban = { accountId: 2_000_000, reason: "spam", by: "ada" };
    expect(done.filter((each) => each !== "told")).toEqual([
      ["ban", { ...ban, untilMs: wallNowMs + 12 * 3_600_000 }],
      ["ban", { ...ban, untilMs: Number.POSITIVE_INFINITY }],
      ["ban", { ...ban, untilMs: Date.UTC(2026, 11, 31) }],
      ["ban", { ...ban, untilMs: Date.UTC(2026, 11, 31, 18) }],
      ["ban", { ...ban, untilMs: Date.UTC(2026, 11, 31, 17) }],
    ]);
    expect(done.filter((each) => each === "told")).toHaveLength(5);
    expect(await ask("account unban", { name: "#2000000" })).toMatchObject({ ok: true });
    expect(done.at(-2)).toEqual(["ban", { accountId: 2_000_000, untilMs: null }]);
  });

  test.each(["0h", "2020-01-01"])("is not banned until %s, which is over", async (until) => {
    const { done, ask } = scene();
    for (const [command, of] of [
      ["account ban", { name: "walker" }],
      ["ban address", { of: "192.0.2.7" }],
    ] as const)
      expect(await ask(command, { ...of, until })).toMatchObject({ refusal: "invalid" });
    expect(done).toEqual([]);
  });

  test.each(["tomorrow", "12", "-3h", "2026-13-01", "99999999999999999h"])(
    "is not banned until %s, and the answer names the field",
    async (until) => {
      const { done, ask } = scene();
      expect(await ask("account ban", { name: "walker", until })).toMatch(/^until: not forever, a time like/);
      expect(done).toEqual([]);
    },
  );

  test("that is muted until a time that is over may speak, and the answer says so", async () => {
    const { done, reads } = scene();
    const said = (until: string) => reads("account mute", { name: "walker", until });
    expect(await said("0m")).toBe("Account walker (#2000000) may speak.\n");
    expect(await said("90m")).toBe("Account walker (#2000000) is muted until 2026-11-21 18:00 UTC.\n");
    expect(await said("forever")).toBe("Account walker (#2000000) is muted for ever.\n");
    expect(done.filter((each) => each !== "told")).toMatchObject([
      ["mute", { untilMs: null }],
      ["mute", { untilMs: wallNowMs + 90 * 60_000 }],
      ["mute", { untilMs: Number.POSITIVE_INFINITY }],
    ]);
  });

  test("is told apart by its unban: one that was banned, and one that was not", async () => {
    const { done, reads } = scene();
    expect(await reads("account unban", { name: "gareth" })).toBe(
      "Account gareth (#2000001) was not banned.\n",
    );
    expect(await reads("account unban", { name: "banned" })).toBe(
      "Account banned (#2000003) is not banned any more.\n",
    );
    expect(await reads("account unban", { name: "over" })).toBe("Account over (#2000004) was not banned.\n");
    expect(done.filter((each) => each !== "told")).toHaveLength(3);
  });

  test("gets a role, and the answer says which it had, also if that is the same", async () => {
    const { done, reads } = scene();
    expect(await reads("account role", { name: "walker", role: "gamemaster" })).toBe(
      "Account walker (#2000000) has the role gamemaster, and was player.\n",
    );
    expect(await reads("account role", { name: "gareth", role: "gamemaster" })).toBe(
      "Account gareth (#2000001) already had the role gamemaster.\n",
    );
    expect(done.filter((each) => each !== "told")).toHaveLength(2);
  });

  test("gets an e-mail address or none, and the answer says which", async () => {
    const { done, reads } = scene();
    expect(await reads("account email", { name: "walker", email: "Walker@Example.org" })).toBe(
      "Account walker (#2000000) has the e-mail address Walker@example.org.\n",
    );
    expect(await reads("account email", { name: "walker", email: "none" })).toBe(
      "Account walker (#2000000) has no e-mail address.\n",
    );
    expect(await reads("account email", { name: "walker", email: "nobody" })).toMatchObject({
      refusal: "email-invalid",
    });
    expect(done).toHaveLength(2);
  });

  test.each(["ab", "a b", "walker!", "a_name_with_22_letters"])(
    "is not created with the name %j, and the answer says the rule",
    async (name) => {
      expect(await scene().ask("account create", { name, password: "correct horse" })).toBe(
        "name: not 3 to 20 letters, digits or underscores",
      );
    },
  );

  test("is found by its name, address or id, and never by the name of a character", async () => {
    const { ask } = scene();
    for (const name of ["walker", "#2000000", "eve@example.org"])
      expect(await ask("account mute", { name, until: "1h" })).toMatchObject({ ok: true });
    expect(await ask("account mute", { name: "Wanda", until: "1h" })).toMatchObject({
      refusal: "not-found",
      detail: "no account is called Wanda; a character of this name belongs to account walker",
    });
  });

  test("with a role is changed by administrators only", async () => {
    const { done, ask } = scene();
    const ban = { name: "gareth", until: "1h" };
    expect(await ask("account ban", ban, "gamemaster")).toMatchObject({ refusal: "not-allowed" });
    expect(done).toEqual([]);
    expect(await ask("account ban", ban, "administrator")).toMatchObject({ ok: true });
  });
});

test("a new password ends logins after it is set, and only if the operator wants that", async () => {
  const { done, ask } = scene();
  const change = { name: "walker", password: "correct horse" };
  expect(await ask("account passwd", change)).toMatchObject({ ok: true });
  expect(await ask("account passwd", { ...change, endLogins: "yes" })).toMatchObject({ ok: true });
  expect(done).toEqual([
    ["password", 2_000_000, false],
    ["password", 2_000_000, true],
    ["logins end", 2_000_000, 7],
  ]);
  const elsewhere = scene({ isLoginHere: false });
  const refusal = { refusal: "not-here" };
  expect(await elsewhere.ask("account passwd", { ...change, endLogins: "yes" })).toMatchObject(refusal);
  expect(elsewhere.done).toEqual([]);
});

test("a list of the trail goes on from an id, and not from a time", async () => {
  for (const before of ["2026-01-01", "yesterday", ""])
    expect(await scene().ask("log", { name: "walker", before })).toBe(
      "before: not the `next` of the list before (an id, not a time)",
    );
});

test("locks are asked for by a state that there is", async () => {
  const told = await scene().ask("locks", { state: "nope" });
  for (const state of ["granted", "playing", "away", "unreadable"]) expect(told).toContain(state);
});

describe("a ban by place", () => {
  const until = "1h";

  test.each(["10.0.0.0/8", "0.0.0.0/0", "fe80::1%eth0", "10.1", "here"])(
    "of an address is not one of %s, and the answer names the field",
    async (of) => {
      expect(await scene().ask("ban address", { of, until })).toMatch(
        /^of: not an address like .* ban network/,
      );
    },
  );

  test("of a network wider than /16, or /32 of IPv6, needs force", async () => {
    for (const of of ["10.0.0.0/15", "0.0.0.0/0", "::/0", "2001::/16"]) {
      const { done, ask } = scene();
      const refusal = { refusal: "invalid", detail: expect.stringMatching(/^of: wider than \/16/) };
      expect(await ask("ban network", { of, until })).toMatchObject(refusal);
      expect(done).toEqual([]);
      expect(await ask("ban network", { of, until, force: "yes" })).toMatchObject({ ok: true });
      expect(done).toMatchObject([["place", { of: { network: of } }], "told"]);
    }
    for (const of of ["10.1.0.0/16", "2001:db8::/32", "10.1.2.3"])
      expect(await scene().ask("ban network", { of, until })).toMatchObject({ ok: true });
    expect(await scene().ask("ban network", { of: "10.0.0.0/33", until })).toMatch(/^of: not a network like/);
  });
});

test("the list of bans has the accounts that are banned, and says if there are more", async () => {
  const { reads } = scene();
  const all = await reads("ban list", {});
  expect(all).toContain("No address, network or device is banned.\n");
  expect(all).toMatch(/^eve@example\.org +#2000002 +2026-11-21 17:30 UTC +ada +spam$/m);
  expect(all).toMatch(/^banned +#2000003 /m);
  expect(all).not.toContain("There are more");
  const one = await reads("ban list", { limit: "1" });
  expect(one).not.toContain("#2000003");
  expect(one).toContain("There are more: see --limit");
});

describe("a lift of a ban", () => {
  test.each(["3", "#3"])("takes its number as %s", async (id) => {
    const { done, reads } = scene();
    expect(await reads("ban lift", { id })).toBe("Ban #3 has ended.\n");
    expect(done).toEqual([["lift", 3], "told"]);
  });

  test.each(["0", "#0", "#", "##3", "3#", "-3", "1.5", "three", ""])("takes no %j", async (id) => {
    const { done, ask } = scene();
    expect(await ask("ban lift", { id })).toBe("id: not a number like 3 or #3");
    expect(done).toEqual([]);
  });
});

describe("a kick", () => {
  test("puts out the account of a name or of a character, and tells its player why", async () => {
    const { done, ask } = scene();
    for (const name of ["walker", "Wanda"])
      expect(await ask("kick", { name, reason: "afk" })).toEqual({
        ok: true,
        value: { accountId: 2_000_000, name: "walker" },
      });
    const kick = { reason: "kicked", untilMs: null, text: "afk" };
    expect(done).toEqual([
      ["put out", 2_000_000, kick],
      ["put out", 2_000_000, kick],
    ]);
  });

  test("of an account that nobody uses says so, and one without a login-server names the server to ask", async () => {
    const { ask } = scene();
    expect(await ask("kick", { name: "gareth" })).toMatchObject({ refusal: "not-held" });
    const elsewhere = scene({ isLoginHere: false });
    expect(await elsewhere.ask("kick", { name: "walker" })).toMatchObject({ refusal: "not-here" });
  });
});
