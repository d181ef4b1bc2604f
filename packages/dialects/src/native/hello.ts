import { defineMessages, encodeFrame, MessageCodec, nullable, oneOf, text, u16 } from "@sallyport/wire";
import { type Introduction, secondLogins } from "../dialect.ts";

/**
 * The messages at the start of a connection. Their layouts, and the layouts of frames and bodies, are the
 * same in every version. So a client and a server can find out that they have no version in common. New
 * fields go only to the end, and need a fallback.
 */

/** The servers speak these versions of the protocol. docs/protocol/native.md says how to raise them. */
export const nativeVersions = { oldest: 1, newest: 3 } as const;

export const isNativeVersion = (version: number): boolean =>
  version >= nativeVersions.oldest && version <= nativeVersions.newest;

export const hello = {
  id: 0x0001,
  doc: "The first message on each connection, sent once. The client sends its first request without waiting: a door that speaks the version sends no answer.",
  fields: {
    version: u16("of this protocol"),
    dialect: text(
      24,
      "protocol of the player's program: `native`, or another one that an adaptor translates",
    ),
    program: text(32, "name of the program; may be empty"),
    programVersion: text(32, "may be empty"),
    deviceId: nullable(text(64, "id of the machine, always the same; null: not sent")),
    secondLogin: nullable(
      oneOf(
        secondLogins,
        "for a login whose account is in use: `takeover` waits until the older client has left, `reject` gives up; null: the server decides. Only the login door uses this, and only if its operator leaves the choice to clients",
      ),
    ),
  },
} as const;

export const unsupported = {
  id: 0x00f1,
  doc: "The door does not speak the version of the client. It has carried out nothing, and closes the connection.",
  fields: {
    oldest: u16("oldest version that the door speaks"),
    newest: u16("newest version that it speaks"),
  },
} as const;

const codec = new MessageCodec(defineMessages({ "client.hello": hello }));

/** Returns the bytes of a hello, for programs that write frames themselves. */
export const helloFrame = (said: Introduction = plainIntroduction): Uint8Array =>
  encodeFrame("notice", 0, codec.encode({ type: "client.hello", ...said }, 0));

/** Reads the body of a hello. Throws `WireError` if it is not valid. */
export function readHello(body: Uint8Array): Introduction {
  const { type: _, ...said } = codec.decode(body).message;
  return said;
}

/** The introduction of a client that says nothing of itself. */
export const plainIntroduction: Introduction = {
  version: nativeVersions.newest,
  dialect: "native",
  program: "",
  programVersion: "",
  deviceId: null,
  secondLogin: null,
};
