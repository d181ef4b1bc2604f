import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from "node:crypto";
import { ByteStream, type Place } from "../byte-stream.ts";

/** A frame as it came: its 64 bytes of header, and its body. */
export interface Frame {
  readonly header: string;
  readonly body: Buffer;
}

/** What a key of 2048 bits encrypts with OAEP and SHA-256: 256 - 2 - 2 * 32 bytes. */
export const secureBytesMax = 190;
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" } as const;

export const newKeys = (modulusLength = 2_048) =>
  generateKeyPairSync("rsa", { modulusLength, publicExponent: 65_537 });

const pairsMax = 3;
const pairs: ReturnType<typeof newKeys>[] = [];
let clients = 0;

/** A pair takes longer than all else that a client does, so a process makes a few, and clients take turns. */
function nextKeys(): ReturnType<typeof newKeys> {
  const nth = clients++ % pairsMax;
  const keys = pairs[nth] ?? newKeys();
  pairs[nth] = keys;
  return keys;
}

/** A plain frame: the length in digits, spaces up to 64 bytes, and the text. */
export function plainFrame(text: string): Buffer {
  const body = Buffer.from(text, "utf8");
  return Buffer.concat([
    Buffer.from(String(body.length) + " ".repeat(64 - String(body.length).length)),
    body,
  ]);
}

/** A client of SERVER_LIB. It takes nothing on trust: a frame of another kind than it waits for is an error. */
export class ChatClient {
  readonly stream: ByteStream;
  keys: ReturnType<typeof newKeys>;
  serverKey: KeyObject | null = null;

  private constructor(stream: ByteStream, keys: ReturnType<typeof newKeys>) {
    this.stream = stream;
    this.keys = keys;
  }

  static async connect(place: Place, from?: string): Promise<ChatClient> {
    const keys = nextKeys();
    return new ChatClient(await ByteStream.open(place, from), keys);
  }

  /** Sends name and password. Returns what the server says: OK or FAILURE. Null if it closed the connection. */
  async tries(name: string, password: string): Promise<string | null> {
    this.sendPlain(name);
    this.sendPlain(password);
    return this.plain();
  }

  /** Logs in, exchanges keys, and reads its own CONNECTED. Returns the welcome. */
  async joins(name: string, password: string): Promise<string> {
    const said = await this.tries(name, password);
    if (said !== "OK") throw new Error(`the server says ${said}`);
    const welcome = await this.plain();
    await this.exchangesKeys();
    const connected = await this.secure();
    if (connected !== `${name}: [ CONNECTED ]`) throw new Error(`heard ${connected} first`);
    return welcome ?? "";
  }

  async exchangesKeys(): Promise<void> {
    this.showKey();
    const key = await this.plain();
    if (key === null) throw this.stream.gone();
    this.serverKey = createPublicKey(key);
  }

  /** Sends the public key of `keys`. */
  showKey(): void {
    this.sendPlain(this.keys.publicKey.export({ type: "spki", format: "pem" }).toString());
  }

  sendPlain(text: string): void {
    this.stream.send(plainFrame(text));
  }

  /** Sends a line as a person types it, with its line feed. */
  says(line: string): void {
    this.sendSecure(`${line}\n`);
  }

  sendSecure(text: string): void {
    this.stream.send(this.secureFrame(text));
  }

  /** The text for the key of the server. */
  secureFrame(text: string): Buffer {
    if (this.serverKey === null) throw new Error("no key of the server yet");
    const body = publicEncrypt({ key: this.serverKey, ...oaep }, Buffer.from(text)).toString("base64");
    const header = Buffer.from(String(body.length)).toString("base64");
    return Buffer.from(header + " ".repeat(64 - header.length) + body);
  }

  /** Null if the server closed the connection. */
  async plain(): Promise<string | null> {
    const frame = await this.frame((header) => header);
    return frame === null ? null : frame.body.toString("utf8");
  }

  async secure(): Promise<string | null> {
    const frame = await this.frame((header) => Buffer.from(header, "base64").toString("latin1"));
    if (frame === null) return null;
    const ciphertext = Buffer.from(frame.body.toString("latin1"), "base64");
    return privateDecrypt({ key: this.keys.privateKey, ...oaep }, ciphertext).toString("utf8");
  }

  /** Reads secure frames until one is this text. Returns those before it. */
  async hears(text: string): Promise<readonly string[]> {
    const before: string[] = [];
    for (;;) {
      const heard = await this.secure();
      if (heard === null)
        throw new Error(`the connection ended before: ${text}; heard ${before.join(" | ")}`);
      if (heard === text) return before;
      before.push(heard);
    }
  }

  /** Reads one frame. `digits` reads the length out of the header. */
  async frame(digits: (header: string) => string): Promise<Frame | null> {
    const head = await this.stream.take(64);
    if (head === null) return null;
    const header = head.toString("latin1");
    const length = digits(header.trimEnd());
    if (!/^\d+$/.test(length)) throw this.stream.foreign("a header without a length");
    const body = await this.stream.take(Number(length));
    return body === null ? null : { header, body };
  }
}
