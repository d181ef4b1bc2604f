import { constants, createPublicKey, generateKeyPairSync, privateDecrypt, publicEncrypt } from "node:crypto";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChatCodec, type ChatTold, type ClientKey, clientKey } from "../src/protocols/chat/frames.ts";

const ours = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const theirs = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
const pemOf = (keys: Pick<typeof ours, "publicKey">): string =>
  keys.publicKey.export({ type: "spki", format: "pem" }).toString();
const key = clientKey(pemOf(theirs)) as ClientKey;
const spaces = (count: number): string => " ".repeat(count);

const tellsKey: ChatTold = { type: "key", pem: pemOf(ours) };
/** The codec of a client that has logged in and was told the key. */
function opened(): ChatCodec {
  const codec = new ChatCodec(ours.privateKey);
  codec.write(tellsKey);
  return codec;
}
const read = (bytes: string | Buffer) => opened().read(Buffer.from(bytes));
const secured = (text: string, header = `MzQ0${spaces(60)}`): Buffer => {
  const body = publicEncrypt({ key: ours.publicKey, ...oaep }, Buffer.from(text)).toString("base64");
  return Buffer.from(header + body);
};
const told = (message: ChatTold): Buffer => Buffer.from(opened().write(message));

/** Decrypts all frames as the client does. */
function heard(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += 64 + 344) {
    expect(bytes.toString("latin1", at, at + 64)).toBe(`MzQ0${spaces(60)}`);
    const body = Buffer.from(bytes.toString("latin1", at + 64, at + 64 + 344), "base64");
    texts.push(privateDecrypt({ key: theirs.privateKey, ...oaep }, body).toString());
  }
  return texts;
}

describe("a plain frame", () => {
  test("is 64 bytes of length and the text", () => {
    const frame = `5${spaces(63)}alice`;
    expect(frame).toHaveLength(69);
    expect(read(frame)).toEqual([{ type: "plain", text: "alice" }]);
    expect(told({ type: "plain", text: "alice" }).toString()).toBe(frame);
  });

  test("counts bytes and not characters", () => {
    const frame = told({ type: "plain", text: "Zoë" });
    expect(frame.toString("utf8", 0, 4)).toBe("4   ");
    expect(opened().read(frame)).toEqual([{ type: "plain", text: "Zoë" }]);
  });

  test("may be empty", () => {
    expect(read(`0${spaces(63)}`)).toEqual([{ type: "plain", text: "" }]);
  });
});

describe("a secure frame", () => {
  test("is read with the key of the server", () => {
    expect(read(secured("hello\n"))).toEqual([{ type: "secure", text: "hello\n" }]);
  });

  test("is refused at its header before this client was told the key, and costs nothing", () => {
    const codec = new ChatCodec(ours.privateKey);
    expect(codec.read(Buffer.from(`5${spaces(63)}alice`))).toHaveLength(1);
    codec.write({ type: "plain", text: "OK" });
    const before = new WireError("secure frame", "came before the key of this server");
    expect(() => codec.read(Buffer.from(`MzQ0${spaces(60)}`))).toThrow(before);
  });

  test("is read as soon as the client was told the key, in a plain frame", () => {
    const codec = new ChatCodec(ours.privateKey);
    expect(Buffer.from(codec.write(tellsKey)).toString()).toBe(
      `${String(pemOf(ours).length).padEnd(64)}${pemOf(ours)}`,
    );
    expect(codec.read(secured("hello\n"))).toEqual([{ type: "secure", text: "hello\n" }]);
  });

  test("is written with the key of the client, the name before the text", () => {
    const message = { type: "secure", key, from: "alice" } as const;
    expect(heard(told({ ...message, text: "[ CONNECTED ]", isLine: false }))).toEqual([
      "alice: [ CONNECTED ]",
    ]);
    expect(heard(told({ ...message, text: "hello", isLine: true }))).toEqual(["alice: hello\n"]);
  });

  test("becomes several if the text is longer than a ciphertext holds, and none is cut in a character", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(text, (said) => {
        const frames = heard(told({ type: "secure", key, from: "alice", text: said, isLine: true }));
        expect(frames.every((each) => each.startsWith("alice: ") && each.endsWith("\n"))).toBe(true);
        expect(frames.map((each) => each.slice("alice: ".length, -1)).join("")).toBe(said);
      }),
      { numRuns: 40 },
    );
    const longest = heard(told({ type: "secure", key, from: "alice", text: "x".repeat(300), isLine: true }));
    expect(longest.map((each) => each.length)).toEqual([190, 126]);
  });
});

describe("nonsense", () => {
  test.each([
    ["a header that is no number", `five${spaces(60)}alice`],
    ["a header with a sign", `-5${spaces(62)}alice`],
    ["an empty header", spaces(64)],
    ["a plain frame of more than 8 KiB", `8193${spaces(60)}`],
    ["a secure frame of more than 4 KiB", `${Buffer.from("4097").toString("base64").padEnd(64)}`],
    ["a number of 64 digits", "9".repeat(64)],
    ["a body that is no UTF-8", Buffer.concat([Buffer.from(`1${spaces(63)}`), Buffer.from([0xff])])],
    ["a ciphertext for another key", `MzQ0${spaces(60)}${"A".repeat(344)}`],
    ["a secure body that is no base64", `MzQ0${spaces(60)}${"!".repeat(344)}`],
  ])("like %s is refused", (_, bytes) => {
    expect(() => read(bytes)).toThrow(WireError);
  });
});

test("frames may come in any pieces", () => {
  const stream = Buffer.concat([Buffer.from(`5${spaces(63)}alice`), secured("hello\n")]);
  const codec = opened();
  const said = [...stream].flatMap((byte) => codec.read(new Uint8Array([byte])));
  expect(said).toEqual([
    { type: "plain", text: "alice" },
    { type: "secure", text: "hello\n" },
  ]);
});

test("a key of a client is an RSA key in PEM, of 2048 to 4096 bits", () => {
  expect(key.plainBytesMax).toBe(190);
  expect(clientKey(`\n${pemOf(theirs)}\n`)).not.toBe(null);
  const small = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const secret = theirs.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  for (const text of [pemOf(small), pemOf(curve), secret, "", "-----BEGIN PUBLIC KEY-----", "alice"])
    expect(clientKey(text)).toBe(null);
});

describe("a key with made-up numbers", () => {
  const { n = "" } = theirs.publicKey.export({ format: "jwk" });
  const modulus = Buffer.from(n, "base64url");
  const pemWith = (of: Buffer, exponent: Buffer): string => {
    const jwk = { kty: "RSA", n: of.toString("base64url"), e: exponent.toString("base64url") };
    return pemOf({ publicKey: createPublicKey({ key: jwk, format: "jwk" }) });
  };
  const usual = Buffer.from([1, 0, 1]);
  const even = Buffer.concat([modulus.subarray(0, -1), Buffer.from([2])]);

  test.each([
    ["a modulus that is even", even, usual],
    ["the exponent 0", modulus, Buffer.from([0])],
    ["the exponent 1, with which everybody reads along", modulus, Buffer.from([1])],
    ["an exponent above 65537", modulus, Buffer.from([1, 0, 3])],
    [
      "an exponent as long as the modulus",
      modulus,
      Buffer.concat([Buffer.from([0x7f]), modulus.subarray(1)]),
    ],
  ])("like %s is none", (_, of, exponent) => {
    expect(clientKey(pemWith(of, exponent))).toBe(null);
  });

  test("is none, or every line can be written for it", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 255, maxLength: 514 }),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        (of, exponent) => {
          const shown = clientKey(pemWith(Buffer.from(of), Buffer.from(exponent)));
          if (shown === null) return;
          const line = {
            type: "secure",
            key: shown,
            from: "alice",
            text: "x".repeat(600),
            isLine: true,
          } as const;
          expect(told(line).length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
