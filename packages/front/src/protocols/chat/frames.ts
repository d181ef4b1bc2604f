import { Buffer } from "node:buffer";
import { constants, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import { WireError } from "@sallyport/wire";
import type { Codec } from "../../protocol.ts";

/*
 * The frames of SERVER_LIB (net_comms_lib, net_sec_lib): 64 bytes of header, then the body. The header is the
 * length of the body in decimal digits, padded with spaces. A secure frame has both in base64: the header is the
 * base64 of the digits, and the body that of the RSA ciphertext (OAEP with SHA-256, no label). Digits in base64
 * begin with M, N or O, so a header shows which kind it is.
 */

export type ChatSaid =
  | { readonly type: "plain"; readonly text: string }
  /** Comes only after the client was told the `key`. */
  | { readonly type: "secure"; readonly text: string };

export type ChatTold =
  | { readonly type: "plain"; readonly text: string }
  /** The public key of this front, in PEM. From now on the client may send secure frames. */
  | { readonly type: "key"; readonly pem: string }
  /**
   * `from: text`, encrypted with the key of the client. A text that is too long for one frame becomes several,
   * each with the prefix. A line has a line feed at its end.
   */
  | {
      readonly type: "secure";
      readonly key: ClientKey;
      readonly from: string;
      readonly text: string;
      readonly isLine: boolean;
    };

export interface ClientKey {
  readonly key: KeyObject;
  /** The greatest number of bytes that one ciphertext can hold: 190 for a key of 2048 bits. */
  readonly plainBytesMax: number;
}

const headerBytes = 64;
/** In bytes. A name, a password and a key in PEM are far shorter. */
const plainBytesMax = 8 << 10;
/** In characters of base64. A ciphertext for a key of 2048 bits has 344. */
const secureCharsMax = 4 << 10;

/** RSA keys of these sizes in bits. The seed's clients have 2048. Greater ones would cost too much time. */
const keyBits = { least: 2_048, most: 4_096 };
const hashBytes = 32;

/** The seed's clients have 65537. A long exponent would cost as much time as a private one. */
const exponent = { least: 3n, most: 65_537n };

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" } as const;

/** Null if the text is no PEM of an RSA key of a size that is accepted, or nothing can be encrypted with the key. */
export function clientKey(pem: string): ClientKey | null {
  const trimmed = pem.trim();
  if (!trimmed.startsWith("-----BEGIN PUBLIC KEY-----")) return null;
  try {
    const key = createPublicKey({ key: trimmed, format: "pem", type: "spki" });
    const { modulusLength: bits = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    const isAccepted = bits >= keyBits.least && bits <= keyBits.most;
    if (key.asymmetricKeyType !== "rsa" || !isAccepted) return null;
    if (publicExponent < exponent.least || publicExponent > exponent.most) return null;
    const longest = Math.floor(bits / 8) - 2 * hashBytes - 2;
    // Not every number is a modulus. With one that is none, every encryption fails.
    publicEncrypt({ key, ...oaep }, Buffer.alloc(longest));
    return { key, plainBytesMax: longest };
  } catch {
    return null;
  }
}

interface Header {
  readonly kind: ChatSaid["type"];
  readonly length: number;
}

/**
 * `read` throws `WireError` for bytes that are no frame, for a secure frame that the key does not open, and for the
 * header of a secure frame before this client was told the key. Other connections tell the same key. To open a
 * frame costs about a third of a millisecond, so nobody may ask for that before its login.
 */
export class ChatCodec implements Codec<ChatSaid, ChatTold> {
  readonly #privateKey: KeyObject;
  #hasToldKey = false;
  #unread: Buffer = Buffer.alloc(0);
  #header: Header | null = null;

  /** `privateKey` is the key of this front. */
  constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
  }

  read(bytes: Uint8Array): readonly ChatSaid[] {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    const said: ChatSaid[] = [];
    for (;;) {
      if (this.#header === null) {
        const header = this.#take(headerBytes);
        if (header === null) return said;
        this.#header = readHeader(header.toString("latin1"));
        if (this.#header.kind === "secure" && !this.#hasToldKey)
          throw new WireError("secure frame", "came before the key of this server");
      }
      const body = this.#take(this.#header.length);
      if (body === null) return said;
      const { kind } = this.#header;
      this.#header = null;
      said.push({ type: kind, text: textOf(kind === "plain" ? body : this.#open(body)) });
    }
  }

  write(message: ChatTold): Uint8Array {
    if (message.type === "plain") return plain(message.text);
    if (message.type === "key") {
      this.#hasToldKey = true;
      return plain(message.pem);
    }
    const { key, from, text, isLine } = message;
    const prefix = `${from}: `;
    const end = isLine ? "\n" : "";
    const room = key.plainBytesMax - Buffer.byteLength(prefix + end);
    const parts = cut(text, Math.max(4, room));
    return Buffer.concat(parts.map((part) => secured(`${prefix}${part}${end}`, key)));
  }

  #take(count: number): Buffer | null {
    if (this.#unread.length < count) return null;
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  #open(body: Buffer): Buffer {
    const ciphertext = fromBase64(body.toString("latin1"), "secure frame");
    try {
      return privateDecrypt({ key: this.#privateKey, ...oaep }, ciphertext);
    } catch {
      throw new WireError("secure frame", "is not for the key of this server");
    }
  }
}

const padded = (text: string): Buffer => Buffer.from(text.padEnd(headerBytes, " "));

function plain(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([padded(String(body.length)), body]);
}

function secured(text: string, { key }: ClientKey): Buffer {
  const body = publicEncrypt({ key, ...oaep }, Buffer.from(text)).toString("base64");
  const length = Buffer.from(String(body.length)).toString("base64");
  return Buffer.concat([padded(length), Buffer.from(body)]);
}

function readHeader(text: string): Header {
  const given = text.trimEnd();
  const isPlain = /^\d+$/.test(given);
  const digits = isPlain ? given : fromBase64(given, "header").toString("latin1");
  if (!/^\d{1,63}$/.test(digits)) throw new WireError("header", "is no length");
  const [kind, most] = isPlain ? (["plain", plainBytesMax] as const) : (["secure", secureCharsMax] as const);
  const length = Number(digits);
  if (length > most) throw new WireError("header", `a ${kind} frame longer than ${most} bytes`);
  return { kind, length };
}

function fromBase64(text: string, what: string): Buffer {
  const given = text.trimEnd();
  if (!/^[A-Za-z\d+/]+={0,2}$/.test(given)) throw new WireError(what, "is no base64");
  return Buffer.from(given, "base64");
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new WireError("frame", "is no UTF-8");
  }
}

/** Cuts a text into parts of at most `bytesMax` bytes of UTF-8, between code points. At least one part. */
function cut(text: string, bytesMax: number): readonly string[] {
  const parts: string[] = [];
  let [part, bytes] = ["", 0];
  for (const char of text) {
    const size = Buffer.byteLength(char);
    if (bytes + size > bytesMax) {
      parts.push(part);
      [part, bytes] = ["", 0];
    }
    part += char;
    bytes += size;
  }
  return [...parts, part];
}
