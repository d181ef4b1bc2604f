import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import type { Dialect } from "@sallyport/dialects";
import type { DoorVocabulary } from "@sallyport/domain";
import { slimeFrame, u16 } from "@sallyport/foreign-clients";
import { chatProtocol, dialectOf, lineProtocol, Rooms, slimeProtocol } from "@sallyport/front";
import fc from "fast-check";
import type { ListedDialect } from "./dialect-decoders.ts";
import { outOfOrder } from "./spoil.ts";

/* The protocols of a front. */

const messagesMax = 8;
const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });

const padded = (text: string): string => text.padEnd(64, " ");
const plain = (text: string): Uint8Array => {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(padded(String(body.length))), body]);
};
const secure = (text: string): Uint8Array => {
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  const body = publicEncrypt({ key: keys.publicKey, ...padding }, Buffer.from(text)).toString("base64");
  return Buffer.from(padded(Buffer.from(String(body.length)).toString("base64")) + body);
};
// A few ciphertexts are enough, because each is different from the outside.
const secured = ["hello\n", "disconnect\n", "ä".repeat(90)].map(secure);
const pem = keys.publicKey.export({ type: "spki", format: "pem" }).toString();

const anyChat = fc.oneof(
  fc.string({ maxLength: 40, unit: "grapheme" }).map(plain),
  fc.constantFrom(...secured, plain(pem)),
);

const telnet = fc.constantFrom([0xff, 0xfb, 1], [0xff, 0xfa, 24, 0, 0xff, 0xf0], [0xff, 0xff], [0xff, 0xf1]);
/** A line and a negotiation that are too long. */
const endless = fc.constantFrom("x".repeat(1_025), `\xff\xfa${"x".repeat(257)}`);
const anyLine = fc.oneof(
  { weight: 1, arbitrary: endless.map((text): Uint8Array => Buffer.from(text, "latin1")) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.string({ maxLength: 60, unit: "grapheme" }), fc.constantFrom("\n", "\r\n", "\r", "\r\0"))
      .map(([text, end]): Uint8Array => Buffer.from(text + end)),
  },
  { weight: 3, arbitrary: telnet.map((bytes) => Uint8Array.from(bytes)) },
);

const listed = (name: string, dialect: unknown, message: fc.Arbitrary<Uint8Array>): ListedDialect => ({
  name,
  dialect: dialect as Dialect<DoorVocabulary>,
  conversation: outOfOrder(fc.array(message, { maxLength: messagesMax })),
});

const chat = chatProtocol({
  ...{ keys, room: "tavern", world: null, greeting: "", disconnect: "disconnect" },
  ...{ credentialMs: 1_000, clientsMax: 1 },
});

/** From the key on, when secure frames are decrypted. */
const chatWithKey: typeof chat = {
  ...chat,
  codec() {
    const codec = chat.codec();
    codec.write({ type: "key", pem });
    return codec;
  },
};

const slimeIds = [1, 2, 6, 7, 9, 10, 12, 14, 15, 17, 19, 23, 43, 117, 133, 65_535];
const anySlime = fc
  .tuple(fc.constantFrom(...slimeIds), fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 5 }))
  .map(
    ([id, texts]): Uint8Array =>
      slimeFrame(u16(id), ...texts.map((text) => Buffer.concat([text, Buffer.of(0)]))),
  );
const slime = slimeProtocol({
  ...{ rooms: new Rooms(new Map([[1, "meadow"]]), { x: 1, y: 1 }), world: null, motd: "" },
  ...{ codePage: "windows-1252", secondLogin: "takeover", saysNoAccount: false, clientsMax: 1 },
});

export const frontProtocolsListed: readonly ListedDialect[] = [
  listed("front chat", dialectOf(chat), anyChat),
  listed("front chat with its key", dialectOf(chatWithKey), anyChat),
  listed("front line", dialectOf(lineProtocol), anyLine),
  listed("front slime", dialectOf(slime), anySlime),
];
