import { printable } from "@sallyport/command-line";
import { ByteStream, type Place } from "../byte-stream.ts";
import { ClientFailure } from "../client-failure.ts";
import { rc4 } from "./rc4.ts";

const slimeVersion = "0.106";
const keys = { encstring: "retrtz7jmijb5467n47", decstring: "t54gz65u74njb6zg6" } as const;

export const u8 = (value: number): Buffer => Buffer.of(value);
export const u16 = (value: number): Buffer => Buffer.of(value & 255, (value >> 8) & 255);
export const str = (text: string): Buffer => Buffer.concat([Buffer.from(text, "latin1"), Buffer.of(0)]);

/** A frame as the client sends it: the length of the payload, then the payload, encrypted. */
export function slimeFrame(...parts: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(parts);
  return Buffer.concat([u16(payload.length), rc4(keys.encstring, payload)]);
}

/** A message of the server. It is read from its beginning; the id is read already. */
export class Heard {
  readonly id: number;
  readonly payload: Buffer;
  #at = 2;

  constructor(payload: Buffer) {
    this.payload = payload;
    this.id = payload.readUInt16LE(0);
  }

  byte(): number {
    this.#at += 1;
    return this.payload.readUInt8(this.#at - 1);
  }
  short(): number {
    this.#at += 2;
    return this.payload.readUInt16LE(this.#at - 2);
  }
  int(): number {
    this.#at += 4;
    return this.payload.readUInt32LE(this.#at - 4);
  }
  string(): string {
    const end = this.payload.indexOf(0, this.#at);
    const text = this.payload.toString("latin1", this.#at, end);
    this.#at = end + 1;
    return text;
  }
  bytes(count: number): number[] {
    return Array.from({ length: count }, () => this.byte());
  }
  shorts(count: number): number[] {
    return Array.from({ length: count }, () => this.short());
  }
  get left(): number {
    return this.payload.length - this.#at;
  }
}

/** What `get_account` of the client reads, in its order. */
const readAccount = (heard: Heard) => ({
  pid: heard.short(),
  time: heard.int(),
  motd: heard.string(),
  day: heard.byte(),
  hour: heard.byte(),
  minute: heard.byte(),
  name: heard.string(),
  x: heard.short(),
  y: heard.short(),
  room: heard.short(),
  body: heard.short(),
  acs1: heard.short(),
  acs2: heard.short(),
  points: heard.int(),
  signature: heard.byte(),
  questId: heard.short(),
  questStep: heard.byte(),
  treesPlanted: heard.short(),
  objectsBuilt: heard.short(),
  emotes: heard.bytes(5),
  outfits: heard.shorts(9),
  accessories: heard.shorts(9),
  items: heard.shorts(9),
  tools: heard.bytes(9),
});
export type SlimeAccount = ReturnType<typeof readAccount>;

export interface SlimePlayer {
  /** 1: came now, 2: was there already. */
  readonly case: number;
  readonly x: number;
  readonly y: number;
  readonly pid: number;
  readonly room: number;
  readonly name: string;
  readonly looks: readonly number[];
}

/** NEW_PLAYER, in both of its forms. */
export function readPlayer(heard: Heard): SlimePlayer {
  const form = heard.byte();
  const [x, y, pid] = [heard.short(), heard.short(), heard.short()];
  if (form === 2) heard.bytes(5);
  const [room, name] = [heard.short(), heard.string()];
  return { case: form, x, y, pid, room, name, looks: heard.shorts(3) };
}

const mac = "00-11-22-33-44-55";

/** The ids of messages. Most of them go in both directions, and the server adds the number of the player. */
export const slimeIds = {
  ...{ newPlayer: 1, logout: 6, register: 7, ping: 9, login: 10, room: 14, chat: 17, emote: 23 },
  ...{ serverClose: 24, stop: 43, put: 77 },
} as const;

/** A client of the protocol 0.106 with its own bytes. */
export class SlimeClient {
  readonly stream: ByteStream;
  #farewell: string | null = null;

  private constructor(stream: ByteStream) {
    this.stream = stream;
  }

  static async connect(place: Place, from?: string): Promise<SlimeClient> {
    return new SlimeClient(await ByteStream.open(place, from));
  }

  /**
   * What SERVER_CLOSE said instead of an answer to REGISTER or LOGIN. The server then closes the connection. Null:
   * it said nothing.
   */
  get farewell(): string | null {
    return this.#farewell;
  }

  says(id: number, ...fields: readonly Buffer[]): void {
    this.stream.send(slimeFrame(u16(id), ...fields));
  }

  /** The next message. Null if the server closed the connection. */
  async next(): Promise<Heard | null> {
    const header = await this.stream.take(2);
    const payload = header && (await this.stream.take(header.readUInt16LE(0)));
    return payload && new Heard(rc4(keys.decstring, payload));
  }

  /** Reads messages until one has this id and is as wanted. The others are passed over. */
  async hears(id: number, isWanted: (payload: Buffer) => boolean = () => true): Promise<Heard> {
    for (;;) {
      const heard = await this.next();
      if (heard === null) throw new Error(`the connection ended before message ${id}`);
      if (heard.id === id && isWanted(heard.payload)) return heard;
    }
  }

  /** The answer with this id. Null if the server closed the connection, with a farewell or without. */
  async #answer(id: number): Promise<Heard | null> {
    const heard = await this.next();
    if (heard?.id === slimeIds.serverClose) {
      this.#farewell = heard.string();
      return null;
    }
    if (heard !== null && heard.id !== id)
      throw this.stream.foreign(`message ${heard.id} instead of an answer`);
    return heard;
  }

  /** What to tell a person whose REGISTER or LOGIN got no answer. */
  notAnswered(): ClientFailure {
    return this.#farewell === null
      ? this.stream.gone()
      : new ClientFailure(`The server: ${printable(this.#farewell)}`, 1);
  }

  /** REGISTER in the form of the seed, or in that of the real client. Returns the result, or null if it closed. */
  async registers(
    name: string,
    password: string,
    { form = "seed", version = slimeVersion, device = mac } = {},
  ) {
    const versions = form === "seed" ? [str(version)] : [];
    this.says(slimeIds.register, ...versions, str(name), str(password), str(device));
    return (await this.#answer(slimeIds.register))?.byte() ?? null;
  }

  /** LOGIN. Returns the account, or the number of the case, or null if the server closed the connection. */
  async logsIn(name: string, password: string, { version = slimeVersion, device = mac } = {}) {
    this.says(slimeIds.login, str(version), str(name), str(password), str(device));
    const heard = await this.#answer(slimeIds.login);
    if (heard === null) return null;
    const why = heard.byte();
    return why === 1 ? readAccount(heard) : why;
  }
}
