import { createHmac } from "node:crypto";
import { AccountId, type LoggedIn, type LoginDoor, LoginId, type Role, refused } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { aSeriesLoginDoor, readAuthenticationId } from "../src/a-series/index.ts";
import type { DialectStream, Incoming } from "../src/dialect.ts";
import { bytesOf, hexOf } from "./ragnarok-bytes.ts";

const hex = (written: string): string => hexOf(bytesOf(written));
const request = (type: string, email: string, password: string): string =>
  `${type} "${email}" 00*${64 - email.length} "${password}" 00*${64 - password.length}`;
const login = request("00a1", "user@example.org", "secret1");
const registration = request("00a3", "user@example.org", "secret1");
const failed = "00a20191 30 00*15 0000";

const mac = (of: Uint8Array): Uint8Array => createHmac("sha256", "secret of the cluster").update(of).digest();
const open = (exchangesMax = 1): DialectStream<LoginDoor> => aSeriesLoginDoor({ mac, exchangesMax }).open(0);

let stream: DialectStream<LoginDoor>;
beforeEach(() => {
  stream = open();
});

const says = (written: string, nowMs = 0): Incoming<LoginDoor>[] =>
  stream.receive(bytesOf(written), nowMs) as Incoming<LoginDoor>[];
const commands = (written: string) => says(written).map(({ command }) => command);
const heard = (): string => hexOf(...stream.takeOutput());
const isAnswered = (asked: Incoming<LoginDoor> | undefined, answer: object): void =>
  void stream.answer(asked?.answerTo ?? 0, answer as never, 0);

const loggedIn = (role: Role, sex: LoggedIn["sex"] = "male"): { ok: true; value: LoggedIn } => ({
  ok: true,
  value: {
    ...{ accountId: AccountId(0x0001_0203), loginId1: LoginId(0x0405_0607), loginId2: LoginId(0x0809_0a0b) },
    ...{ sex, lastLoginMs: null, worlds: [], role },
  },
});

describe("a request of 130 bytes", () => {
  test("0xa1 logs in with an e-mail address and the password as it was sent", () => {
    expect(commands(login)).toEqual([
      { type: "login.password", name: "user@example.org", password: "secret1" },
    ]);
  });

  test("0xa3 registers an account with only an e-mail address", () => {
    const account = { name: "", email: "user@example.org", password: "secret1", sex: "male" };
    expect(commands(registration)).toEqual([{ type: "login.register", ...account }]);
  });

  test("may come byte by byte, and is read when its last byte is there", () => {
    const bytes = bytesOf(login);
    const read = [...bytes].map((byte) => stream.receive(Uint8Array.of(byte), 0).length);
    expect(read).toEqual([...Array<number>(129).fill(0), 1]);
  });

  test("may fill its fields: then a text has all 64 bytes", () => {
    const [email, password] = [`${"a".repeat(52)}@example.org`, "p".repeat(64)];
    expect(commands(request("00a1", email, password))).toEqual([
      { type: "login.password", name: email, password },
    ]);
  });

  test("has texts that end at the first zero byte", () => {
    expect(commands(`00a1 "a@b.org" 00 "left over" 00*47 "secret1" 00 "x" 00*55`)).toEqual([
      { type: "login.password", name: "a@b.org", password: "secret1" },
    ]);
  });

  test("whose text is no UTF-8 has no name or no password, which no account has", () => {
    expect(commands(`00a1 fffe 00*62 "secret1" 00*57`)).toMatchObject([{ name: "" }]);
    stream = open();
    expect(commands(`00a1 "a@b.org" 00*57 c3 28 "cret1" 00*57`)).toMatchObject([{ password: "" }]);
  });
});

test.each(["00a2", "00a4", "00a5", "00af", "0000", "ffff", "a100"])(
  "a client that begins with %s loses its connection",
  (type) => {
    expect(() => says(type)).toThrow(WireError);
  },
);

describe("the answer to a login, 22 bytes", () => {
  test.each([
    ["player", "00c8"],
    ["gamemaster", "00c8"],
    ["administrator", "00c9"],
  ] as const)("of a %s has the status %s, an authentication id and the port 0", (role, status) => {
    const [asked] = says(login);
    isAnswered(asked, loggedIn(role));
    const check = mac(bytesOf("000102030405060708090a0b 80")).subarray(0, 4);
    check[0] = (check[0] ?? 0) | 0x80;
    expect(heard()).toBe(hex(`00a2 ${status} 000102030405060708090a0b ${hexOf(check)} 0000`));
  });

  test.each([
    ["wrong-name-or-password", failed],
    ["banned", failed],
    ["email-unconfirmed", failed],
    ["too-many-attempts", failed],
    ["no-world", failed],
    ["unavailable", failed],
    ["already-online", "00a201d7 30 00*15 0000"],
    ["overtaken", "00a201d7 30 00*15 0000"],
  ] as const)("that is refused as %s is %s", (refusal, bytes) => {
    const [asked] = says(login);
    isAnswered(asked, refused(refusal));
    expect(heard()).toBe(hex(bytes));
  });
});

test.each([
  [{ ok: true, value: { accountId: AccountId(1) } }, "00a40089"],
  [refused("email-taken"), "00a40080"],
  [refused("email-invalid"), "00a40080"],
  [refused("registration-closed"), "00a40080"],
])("a registration is answered by 4 bytes", (answer, bytes) => {
  const [asked] = says(registration);
  isAnswered(asked, answer);
  expect(heard()).toBe(bytes);
});

describe("an authentication id", () => {
  const issued = (sex: LoggedIn["sex"]): Uint8Array => {
    stream = open();
    const [asked] = says(login);
    isAnswered(asked, loggedIn("player", sex));
    return Buffer.concat([...stream.takeOutput()]).subarray(4, 20);
  };

  test.each(["female", "male"] as const)("of a %s account has the login ids and the sex", (sex) => {
    const { accountId, loginId1, loginId2 } = loggedIn("player").value;
    expect(readAuthenticationId(issued(sex))).toEqual({ accountId, loginId1, loginId2, sex });
  });

  test("has a check that covers the sex: more than its top bit differs", () => {
    const [a, b] = [issued("female"), issued("male")];
    expect(a.subarray(0, 12)).toEqual(b.subarray(0, 12));
    expect(a.subarray(13)).not.toEqual(b.subarray(13));
  });

  test("of another length than 16 bytes is none", () => {
    expect(readAuthenticationId(new Uint8Array(15))).toBeNull();
  });
});

describe("a connection", () => {
  test("is over after one exchange, and what comes behind the request is dropped", () => {
    const [asked, ...more] = says(`${login} ${login} ffff`);
    expect(more).toEqual([]);
    expect(says("ffff")).toEqual([]);
    expect(stream.isFinished).toBe(false);
    isAnswered(asked, refused("wrong-name-or-password"));
    expect(stream.isFinished).toBe(true);
  });

  test("may have more exchanges by setting", () => {
    stream = open(2);
    const [first, second] = says(`${registration} ${login}`);
    isAnswered(first, { ok: true, value: { accountId: AccountId(1) } });
    expect(stream.isFinished).toBe(false);
    isAnswered(second, refused("wrong-name-or-password"));
    expect(heard()).toBe(hex(`00a40089 ${failed}`));
    expect(stream.isFinished).toBe(true);
  });

  test("without a whole request is silent after 10 s, however its bytes trickle in", () => {
    says("00a1", 9_000);
    expect(stream.tick(9_999)).toBe("alive");
    expect(stream.tick(10_000)).toBe("silent");
  });

  test("that waits for its answer is not silent", () => {
    says(login, 1_000);
    expect(stream.tick(20_000)).toBe("alive");
  });
});
