import { accepted, type LoginDoor, refused, refusedBecause } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { DialectStream } from "../src/dialect.ts";
import { requestBytesMax, tokenDoor } from "../src/token/index.ts";

let stream: DialectStream<LoginDoor>;
beforeEach(() => {
  stream = tokenDoor.open(0);
});

const frame = (body: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(body as Uint8Array);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const asJson = (request: unknown): Buffer => frame(JSON.stringify(request));
const commands = (bytes: Uint8Array) => stream.receive(bytes, 0).map(({ command }) => command);
/** Returns the answer, and checks that its length is right. */
function answer(): unknown {
  const bytes = Buffer.concat(stream.takeOutput());
  if (bytes.length === 0) return null;
  expect(bytes.readUInt32BE(0)).toBe(bytes.length - 4);
  return JSON.parse(bytes.subarray(4).toString());
}

const alice = { type: "token", identity: "alice", password: "secret1" };
const asked = { type: "login.token.password", name: "alice", password: "secret1", audience: null };

describe("a request", () => {
  test("is the length of what follows, big-endian, and JSON", () => {
    expect(commands(asJson(alice))).toEqual([asked]);
  });

  test("may name the kind of server that the token is for", () => {
    expect(commands(asJson({ ...alice, audience: "boards" }))).toEqual([{ ...asked, audience: "boards" }]);
  });

  test("may come in any pieces, and all that follows is dropped", () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(pieces, fc.uint8Array(), (sizes, more) => {
        stream = tokenDoor.open(0);
        const bytes = Buffer.concat([asJson(alice), more]);
        const heard = [];
        for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
          const size = sizes[piece % sizes.length] ?? 1;
          heard.push(...commands(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(heard).toEqual([asked]);
      }),
    );
  });

  test("keeps every name and password of a legal length as it was sent", () => {
    const text = (unitsMax: number) =>
      fc.string({ unit: "grapheme", minLength: 1, maxLength: unitsMax }).filter((s) => s.length <= unitsMax);
    fc.assert(
      fc.property(text(254), text(256), (identity, password) => {
        stream = tokenDoor.open(0);
        const [command] = commands(asJson({ ...alice, identity, password }));
        expect(command).toEqual({ ...asked, name: identity, password });
      }),
    );
  });

  test("as the clients of the seed send it, without a password, is refused", () => {
    const seed = Buffer.concat([
      Buffer.from("00000026", "hex"),
      Buffer.from('{"type": "token", "identity": "alice"}'),
    ]);
    expect(commands(seed)).toEqual([]);
    expect(answer()).toEqual({ type: "refused", reason: "password-missing" });
    expect(stream.isFinished).toBe(true);
  });

  test.each([
    ["an empty password", { ...alice, password: "" }, "password-missing"],
    ["a password that is no text", { ...alice, password: 7 }, "malformed"],
    ["a password that is too long", { ...alice, password: "x".repeat(257) }, "malformed"],
    ["half a character", { ...alice, password: "secret\ud83d" }, "malformed"],
    ["no name", { type: "token", password: "secret1" }, "malformed"],
    ["a name that is too long", { ...alice, identity: "x".repeat(255) }, "malformed"],
    ["an audience that is no text", { ...alice, audience: [] }, "malformed"],
    ["another type", { ...alice, type: "tokens" }, "malformed"],
    ["a list", [alice], "malformed"],
    ["null", null, "malformed"],
  ])("with %s is refused once, and ends the connection", (_, request, reason) => {
    expect(commands(asJson(request))).toEqual([]);
    expect(answer()).toEqual({ type: "refused", reason });
    expect(stream.isFinished).toBe(true);
    expect(commands(asJson(alice))).toEqual([]);
    expect(answer()).toBe(null);
  });

  test.each([
    ["no JSON", Buffer.from("{type: token}")],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["a very deep list", Buffer.from("[".repeat(requestBytesMax))],
  ])("that is %s is refused", (_, body) => {
    expect(commands(frame(body))).toEqual([]);
    expect(answer()).toEqual({ type: "refused", reason: "malformed" });
  });

  test.each([0, requestBytesMax + 1, 0xffff_ffff])("of %i bytes is nonsense", (length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    expect(() => commands(bytes)).toThrow(WireError);
  });

  test("is never more than a command, an answer or nonsense, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array(), fc.json().map(frame))), (pieces) => {
        stream = tokenDoor.open(0);
        try {
          const heard = pieces.flatMap((piece) => commands(piece));
          expect(heard.length + (answer() === null ? 0 : 1)).toBeLessThanOrEqual(1);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe("an answer", () => {
  const says = (value: object): unknown => {
    const [incoming] = stream.receive(asJson(alice), 0);
    stream.answer(incoming?.answerTo ?? 0, value as never, 0);
    expect(stream.isFinished).toBe(true);
    return answer();
  };

  test("has the token, and when it expires in Unix seconds", () => {
    expect(says(accepted({ token: "a.b.c", expiresS: 1_900_000_000 }))).toEqual({
      ...{ type: "token", token: "a.b.c", expires: 1_900_000_000 },
    });
  });

  test("has the reason of a refusal, and no more if there is no more", () => {
    expect(says(refused("wrong-name-or-password"))).toEqual({
      ...{ type: "refused", reason: "wrong-name-or-password" },
    });
  });

  test("has the time of a ban and what its operator wrote", () => {
    expect(says(refusedBecause("banned", { retryAfterMs: 5_000, detail: "for a test" }))).toEqual({
      ...{ type: "refused", reason: "banned", retryAfterMs: 5_000, detail: "for a test" },
    });
  });
});

describe("a client", () => {
  test("that sends no whole request within ten seconds is silent", () => {
    stream.receive(asJson(alice).subarray(0, 20), 9_000);
    expect(stream.tick(9_999)).toBe("alive");
    expect(stream.tick(10_000)).toBe("silent");
  });

  test("may wait for its answer for as long as the server needs", () => {
    stream.receive(asJson(alice), 0);
    expect(stream.tick(1_000_000)).toBe("alive");
  });
});
