import { packValues, parseValues, text } from "./field.ts";
import { packList, unpackList } from "./message-pack.ts";
import type { MessageName, MessageOf, MessageRow, MessageTable, ReplyOf } from "./message-table.ts";
import { WireError } from "./wire-error.ts";

/** The answer to a refused request. The row of the request in the table lists the possible refusals. */
export interface WireRefusal {
  readonly refusal: string;
  readonly retryAfterMs: number | null;
  /** What the refusal alone does not say. The encoder cuts it after `detailCharsMax` UTF-16 units. */
  readonly detail?: string;
}

export const detailCharsMax = 200;
const detailField = text(detailCharsMax);
const withinDetail = (detail: string): string =>
  detail.slice(0, detailCharsMax).replace(/\p{Surrogate}/gu, "");

const ttlMsMax = 0xffff_ffff;
/** The maximum is so high because a ban can last for years. */
const retryMsMax = Number.MAX_SAFE_INTEGER;
const isMs = (value: unknown, max: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
/** Rounds up, because a computed duration can have a fraction. The receiver would refuse a fraction. */
const wholeMs = (ms: number, max: number): number => Math.min(max, Math.max(0, Math.ceil(ms)));

/** Encodes and decodes the MessagePack bodies of one message table. Several connections can share a codec. */
export class MessageCodec<T extends MessageTable> {
  readonly table: T;
  readonly #byId = new Map<number, MessageName<T>>();

  constructor(table: T) {
    this.table = table;
    for (const [name, row] of Object.entries(table)) this.#byId.set(row.id, name);
  }

  row(name: MessageName<T>): MessageRow {
    // Only own keys are valid names. Otherwise a wrong name could reach `Object.prototype`.
    if (!Object.hasOwn(this.table, name)) throw new Error(`no message ${name} in this table`);
    return this.table[name] as MessageRow;
  }

  /**
   * Returns the body `[id, ttlMs, ...fields]`. An answer that comes later than `ttlMs` milliseconds is
   * useless to the sender. For notices, `ttlMs` is 0.
   */
  encode(message: MessageOf<T>, ttlMs: number): Uint8Array {
    const row = this.row(message.type);
    return packList([row.id, wholeMs(ttlMs, ttlMsMax), ...packValues(row.fields, message)]);
  }

  decode(body: Uint8Array): { message: MessageOf<T>; row: MessageRow; ttlMs: number } {
    const packed = unpackList(body);
    const [id, ttlMs] = packed;
    const name = typeof id === "number" ? this.#byId.get(id) : undefined;
    if (name === undefined) throw new WireError("", "unknown message");
    if (!isMs(ttlMs, ttlMsMax)) throw new WireError(name, "expected a time to live in ms");
    const row = this.row(name);
    const values = parseValues(row.fields, packed, name, 2);
    return { message: Object.assign(values, { type: name }) as MessageOf<T>, row, ttlMs };
  }

  encodeReply<N extends MessageName<T>>(name: N, value: ReplyOf<T, N>): Uint8Array {
    return packList(packValues(this.row(name).reply ?? {}, value));
  }

  decodeReply<N extends MessageName<T>>(name: N, body: Uint8Array): ReplyOf<T, N> {
    return parseValues(this.row(name).reply ?? {}, unpackList(body), `${name} reply`) as ReplyOf<T, N>;
  }

  encodeRefusal({ refusal, retryAfterMs, detail }: WireRefusal): Uint8Array {
    const packed = [refusal, retryAfterMs === null ? null : wholeMs(retryAfterMs, retryMsMax)];
    return packList(detail === undefined ? packed : [...packed, withinDetail(detail)]);
  }

  decodeRefusal(name: MessageName<T>, body: Uint8Array): WireRefusal {
    const [refusal, retryAfterMs, detail] = unpackList(body);
    const row = this.row(name);
    if (typeof refusal !== "string" || !row.refusals?.includes(refusal)) {
      throw new WireError(name, "a refusal that it does not list");
    }
    if (retryAfterMs !== null && !isMs(retryAfterMs, retryMsMax))
      throw new WireError(name, "a malformed retry-after");
    if (detail === undefined) return { refusal, retryAfterMs };
    return { refusal, retryAfterMs, detail: detailField.parse(detail, `${name} detail`) };
  }
}
