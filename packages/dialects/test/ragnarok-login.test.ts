import {
  AccountId,
  kickFor,
  kickReasons,
  type LoggedIn,
  type LoginDoor,
  LoginId,
  refused,
} from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { type GivenOptions, packetVers } from "../src/ragnarok/index.ts";
import { addressFor, dialects, hex, RagnarokClient } from "./ragnarok-client.ts";

const loginAs = (name: string, password = "testpass"): string =>
  `6400 19000000 "${name}" 00*${24 - name.length} "${password}" 00*${24 - password.length} 01`;

const open = (options: Partial<GivenOptions> = {}) => new RagnarokClient<LoginDoor>(dialects(options).login);

const world = (name: string, dialect = "ragnarok") => ({ ...addressFor(6_121, dialect), name, players: 3 });
const loggedIn: LoggedIn = {
  accountId: AccountId(2_000_001),
  loginId1: LoginId(0x1111_9077),
  loginId2: LoginId(0x2222_c264),
  sex: "male",
  lastLoginMs: null,
  worlds: [world("Elsewhere", "another"), world("Home")],
  role: "player",
};

/** The entry of the world begins with its address, 10.0.0.7:6121. The port is little-endian. */
const home = `0a000007 e917 "Home" 00*16 0300 0000 0000`;

describe.each(packetVers)("at the login door, PACKETVER %i", (packetVer) => {
  test("a client logs in by its password, and gets the worlds that it can reach", () => {
    const client = open({ packetVer });
    expect(client.says(loginAs("testuser"))).toEqual([
      { type: "login.password", name: "testuser", password: "testpass" },
    ]);
    expect(client.hears()).toBe("");
    client.isAnswered("login.password", { ok: true, value: loggedIn });
    expect(client.hears()).toBe(hex(`6900 4f00 77901111 81841e00 64c22222 00*4 00*26 01 ${home}`));
  });
});

test("a client that goes on asking for salts is disconnected", () => {
  const client = open();
  for (let count = 0; count < 32; count += 1) client.says("db01");
  expect(client.hears()).toHaveLength(32 * 2 * 20);
  expect(() => client.says("db01")).toThrow(new WireError("CA_REQ_HASH", "asked too often"));
});

test("a login whose worlds have no door for this family is refused", () => {
  const client = open();
  client.says(loginAs("testuser"));
  client.isAnswered("login.password", {
    ok: true,
    value: { ...loggedIn, worlds: [world("Far", "another")] },
  });
  expect(client.hears()).toBe(hex("6a00 03 00*20"));
});

test("a world whose door is a host name has no door for this family", () => {
  const named = { ...world("Named"), otherDoors: [{ dialect: "ragnarok", host: "localhost", port: 1 }] };
  const client = open();
  client.says(loginAs("testuser"));
  client.isAnswered("login.password", { ok: true, value: { ...loggedIn, worlds: [named, world("Home")] } });
  expect(client.hears()).toBe(hex(`6900 4f00 77901111 81841e00 64c22222 00*4 00*26 01 ${home}`));
});

test.each([
  ["wrong-name-or-password", "6a00 01 00*20"],
  ["banned", "6a00 04 00*20"],
  ["already-online", "8100 08"],
  ["overtaken", "8100 02"],
  ["no-world", "8100 01"],
  ["email-unconfirmed", "6a00 0a 00*20"],
  ["version-unsupported", "6a00 05 00*20"],
  ["unavailable", "8100 04"],
  ["busy", "8100 04"],
  ["out-of-order", "8100 03"],
] as const)("a login that is refused as %s is answered by %s", (refusal, bytes) => {
  const client = open();
  client.says(loginAs("testuser"));
  client.isAnswered("login.password", refused(refusal));
  expect(client.hears()).toBe(hex(bytes));
});

test("a player who is banned for a time is told until when", () => {
  const client = open();
  client.says(loginAs("testuser"));
  client.isAnswered("login.password", refused("banned", 26 * 3_600_000));
  expect(client.hears()).toBe(hex(`6a00 06 "2010-01-06 14:34" 00*4`));
});

test("a player whose address is banned for a time is told until when, also at a registration", () => {
  const client = open({ registration: true });
  client.says(loginAs("newuser_M"));
  client.isAnswered("login.register", refused("address-banned", 26 * 3_600_000));
  expect(client.hears()).toBe(hex(`6a00 06 "2010-01-06 14:34" 00*4`));
});

describe("registration by a suffix of the name", () => {
  const asked = { type: "login.password", name: "newuser", password: "testpass" };

  test.each([
    ["newuser_M", "male"],
    ["newuser_F", "female"],
    ["newuser_f", "female"],
  ] as const)("creates the account, for %s a %s one, and logs in to it", (name, sex) => {
    const client = open({ registration: true });
    expect(client.says(loginAs(name))).toEqual([{ ...asked, type: "login.register", sex }]);
    const made = { ok: true, value: { accountId: loggedIn.accountId } } as const;
    expect(client.isAnswered("login.register", made)).toEqual([asked]);
    client.isAnswered("login.password", { ok: true, value: loggedIn });
    expect(client.hears()).toContain(hex(home));
  });

  test("logs in to an account that already exists", () => {
    const client = open({ registration: true });
    client.says(loginAs("newuser_M"));
    expect(client.isAnswered("login.register", refused("name-taken"))).toEqual([asked]);
  });

  test.each([{ ok: true, value: { accountId: loggedIn.accountId } } as const, refused("email-taken")])(
    "registers an e-mail address too, and logs in with it: %j",
    (answer) => {
      const client = open({ registration: true });
      const email = "ann@example.org";
      const account = { name: "", email, password: "testpass", sex: "female" };
      expect(client.says(loginAs(`${email}_F`))).toEqual([{ type: "login.register", ...account }]);
      expect(client.isAnswered("login.register", answer)).toEqual([{ ...asked, name: email }]);
    },
  );

  test.each([
    ["name-invalid", "6a00 03 00*20"],
    ["invitation-invalid", "6a00 03 00*20"],
    ["version-unsupported", "6a00 05 00*20"],
    ["password-invalid", "6a00 03 00*20"],
    ["registration-closed", "6a00 03 00*20"],
    ["busy", "8100 04"],
    ["unavailable", "8100 04"],
  ] as const)("refused as %s is told by %s", (refusal, bytes) => {
    const client = open({ registration: true });
    client.says(loginAs("newuser_M"));
    expect(client.isAnswered("login.register", refused(refusal))).toEqual([]);
    expect(client.hears()).toBe(hex(bytes));
  });

  test("is off by default, and then the suffix belongs to the name", () => {
    expect(open().says(loginAs("newuser_M"))).toEqual([{ ...asked, name: "newuser_M" }]);
  });

  test("does not change other names", () => {
    const client = open({ registration: true });
    expect(client.says(loginAs("newuser"))).toEqual([asked]);
    expect(client.says(loginAs("_M"))).toEqual([{ ...asked, name: "_M" }]);
  });
});

test("a hashed login gets its salt, and is then refused: it cannot be checked", () => {
  const client = open();
  expect(client.says("db01")).toEqual([]);
  expect(client.hears()).toBe(hex("dc01 1400 ab*16"));
  for (const hashed of [`dd01 00*45`, `fa01 00*46`, `7c02 00*58`]) {
    expect(client.says(hashed)).toEqual([]);
    expect(client.hears()).toBe(hex("6a00 03 00*20"));
  }
});

test.each(kickReasons.map((reason) => [reason]))(
  "a client kicked for %s gets a code that it knows",
  (reason) => {
    const client = open();
    client.isTold({ type: "client.kicked", ...kickFor(reason) });
    expect(client.hears()).toMatch(/^81000[1238f]$/);
  },
);

test("packets about the client program before the login are ignored, and noted", () => {
  const client = open();
  expect(client.says(`0402 00*16 0002 00*24 ${loginAs("testuser")}`)).toHaveLength(1);
  expect(client.notes).toEqual(["passed over CA_EXE_HASHCHECK", "passed over CA_CONNECT_INFO_CHANGED"]);
  expect(client.notes).toEqual([]);
});

test("an unknown packet at this door ends the connection", () => {
  expect(() => open().says("3604")).toThrow(WireError);
});

test("a client that sends requests without waiting for answers is disconnected", () => {
  const client = open();
  expect(() => client.says(loginAs("testuser").concat(" ").repeat(40))).toThrow(WireError);
});

test("a client counts as silent if its first packet does not come in time, or a later one for long", () => {
  const client = open({ firstPacketMs: 1_000, silentMs: 3_000 });
  client.nowMs = 999;
  expect(client.isSilent).toBe(false);
  // Half a packet is no sign of life.
  client.says("6400 00*20");
  client.nowMs = 1_000;
  expect(client.isSilent).toBe(true);

  const talking = open({ firstPacketMs: 1_000, silentMs: 3_000 });
  talking.says(loginAs("testuser"));
  talking.nowMs = 2_999;
  expect(talking.isSilent).toBe(false);
  talking.nowMs = 3_000;
  expect(talking.isSilent).toBe(true);
});
