import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Asking, denied, tokenOf } from "./asking.ts";

/* Who a request is from, and what holds while it is not known which tokens were revoked. */

let asking: Asking;
beforeAll(async () => {
  asking = await Asking.open();
});
afterAll(() => asking.close());

const issued = (sub: string, name: string | null, iat: number) => ({
  identity: name ?? `#${sub}`,
  token: tokenOf({ sub, name, iat }),
});
const nameOf = async (id: number): Promise<string | undefined> => {
  const reader = asking.person("reader");
  const users = (await asking.ask(reader, "ListUsers")) as [number, string][];
  return users.find(([each]) => each === id)?.[1];
};

describe("a user", () => {
  test("is made by the first token of an account, and stays the same", async () => {
    const ada = issued("101", "Ada", 1_000);
    const id = await asking.idOf(ada);
    expect(await asking.idOf(ada)).toBe(id);
    expect(await asking.idOf(issued("101", "Ada", 2_000))).toBe(id);
  });

  test("is made once by many requests at once", async () => {
    const many = issued("102", "Many", 1_000);
    const ids = await Promise.all(Array.from({ length: 20 }, () => asking.idOf(many)));
    expect(new Set(ids).size).toBe(1);
  });

  test("keeps its id when the account is renamed, and an older token does not bring the old name back", async () => {
    const id = await asking.idOf(issued("103", "Before", 1_000));
    expect(await asking.idOf(issued("103", "After", 2_000))).toBe(id);
    expect(await nameOf(id)).toBe("After");
    expect(await asking.idOf(issued("103", "Before", 1_500))).toBe(id);
    expect(await nameOf(id)).toBe("After");
  });

  test("loses a name that another account has now", async () => {
    const old = await asking.idOf(issued("104", "Shared", 1_000));
    const now = await asking.idOf(issued("105", "shared", 2_000));
    expect([await nameOf(old), await nameOf(now)]).toEqual(["#104", "shared"]);
    expect(await asking.idOf(issued("104", "Shared", 1_000))).toBe(old);
    expect([await nameOf(old), await nameOf(now)]).toEqual(["#104", "shared"]);
    expect(await asking.idOf(issued("104", "Fresh", 3_000))).toBe(old);
    expect(await nameOf(old)).toBe("Fresh");
  });

  test("without a name has a # and the id of its account", async () => {
    expect(await nameOf(await asking.idOf(issued("106", null, 1_000)))).toBe("#106");
  });

  test("is an administrator as long as its token says so", async () => {
    const make = (name: string) => ({
      ...{ leaderboard_name: name, leaderboard_permission: 0, leaderboard_ascending: false },
    });
    const of = (role: "player" | "gamemaster" | "administrator", iat: number) => ({
      identity: "boss",
      token: tokenOf({ sub: "107", name: "boss", role, iat }),
    });
    expect(await asking.ask(of("player", 1), "CreateLeaderboard", make("one"))).toBe(denied);
    expect(await asking.ask(of("gamemaster", 2), "CreateLeaderboard", make("one"))).toBe(denied);
    expect(await asking.ask(of("administrator", 3), "CreateLeaderboard", make("one"))).toBeTypeOf("number");
    expect(await asking.ask(of("player", 4), "CreateLeaderboard", make("two"))).toBe(denied);
  });
});

describe("a request", () => {
  const { token } = issued("201", "Eve", 1_000);

  test.each([undefined, null, 7, {}])("with the token %j is refused", async (wrong) => {
    const answer = await asking.ask({ identity: "Eve", token: wrong as never }, "ListUsers");
    expect(answer).toBe("Bad request. token: missing, or not a text");
  });

  test("with a text that is no token is refused", async () => {
    expect(await asking.ask({ identity: "Eve", token: "Eve" }, "ListUsers")).toBe(
      "Bad request. token: not a token of this cluster",
    );
  });

  test("with a token of an unknown key is refused, or told to come again if the newest keys are not known", async () => {
    const stranger = { identity: "Eve", token: "of another key" };
    expect(await asking.ask(stranger, "ListUsers")).toBe("Bad request. token: signed with an unknown key");
    asking.identities.isListFresh = false;
    expect(await asking.ask(stranger, "ListUsers")).toMatch(/^Unavailable\. the keys of tokens could not/);
    asking.identities.isListFresh = true;
  });

  test.each(["Ada", "", null, 1])(
    "with the identity %j is refused if the token has another",
    async (identity) => {
      expect(await asking.ask({ identity: identity as never, token }, "ListUsers")).toBe(
        "Bad request. identity: not the one in the token",
      );
    },
  );

  test("may be an e-mail address, which no token tells: the user is the one in the token", async () => {
    const nameless = issued("302", null, 1_000);
    const id = await asking.idOf(nameless);
    expect(await asking.idOf({ ...nameless, identity: "eve@example.org" })).toBe(id);
    const named = await asking.idOf({ identity: "Eve", token });
    expect(await asking.idOf({ identity: "someone.else@example.org", token })).toBe(named);
  });

  test.each(["Eve", "EVE", "ｅｖｅ"])("may write its identity as %s", async (identity) => {
    expect(await asking.ask({ identity, token }, "GetIdFromIdentity")).toEqual([expect.any(Number)]);
  });
});

describe("while the list of revoked tokens is too old", () => {
  const known = issued("301", "Known", 1_000);
  beforeAll(async () => {
    await asking.idOf(known);
    asking.identities.isListFresh = false;
  });
  afterAll(() => {
    asking.identities.isListFresh = true;
  });

  test("nothing is changed, and the answer says why", async () => {
    const answer = await asking.ask(known, "AddEntry", { leaderboard_id: 1, score: 1, comment: "" });
    expect(answer).toMatch(/^Unavailable\. nothing is changed, because .* older than two minutes/);
  });

  test("a user that is known reads, and a new one is not stored", async () => {
    expect(await asking.ask(known, "ListUsers")).toContainEqual([expect.any(Number), "Known"]);
    expect(await asking.ask(issued("302", "New", 1_000), "ListUsers")).toContain("older than two minutes");
  });
});
