import { Packr } from "msgpackr";
import { packValues, parseValues } from "./field.ts";
import type { MessageName, MessageOf, MessageRow, MessageTable, ReplyOf } from "./message-table.ts";
import { WireError } from "./wire-error.ts";

// Without records every body stands alone, and other languages can read it.
const packr = new Packr({ useRecords: false, mapsAsObjects: false, moreTypes: false });

/** Sent for any request, beside the refusals that its row lists. */
export interface WireRefusal {
  readonly refusal: string;
  readonly retryAfterMs: number | null;
}

function unpack(body: Uint8Array): unknown[] {
  let value: unknown;
  try {
    value = packr.unpack(body);
  } catch (error) {
    // msgpackr reports truncation, trailing bytes and too deep nesting each by another class.
    throw new WireError("", error instanceof RangeError ? "nested too deep" : "not MessagePack");
  }
  if (!Array.isArray(value)) throw new WireError("", "expected a list");
  return value;
}

/** MessagePack bodies of one message table. Stateless. */
export class MessageCodec<T extends MessageTable> {
  readonly table: T;
  readonly #byId = new Map<number, MessageName<T>>();

  constructor(table: T) {
    this.table = table;
    for (const [name, row] of Object.entries(table)) this.#byId.set(row.id, name);
  }

  row(name: MessageName<T>): MessageRow {
    // Own keys only, so that a caller's typo cannot reach Object.prototype.
    if (!Object.hasOwn(this.table, name)) throw new Error(`no message ${name} in this table`);
    return this.table[name] as MessageRow;
  }

  /** Body: `[id, ttlMs, ...fields]`; `ttlMs` is how long an answer is of use, 0 for notices. */
  encode(message: MessageOf<T>, ttlMs: number): Uint8Array {
    const row = this.row(message.type);
    return packr.pack([row.id, ttlMs, ...packValues(row.fields, message)]);
  }

  decode(body: Uint8Array): { message: MessageOf<T>; row: MessageRow; ttlMs: number } {
    const [id, ttlMs, ...fields] = unpack(body);
    const name = typeof id === "number" ? this.#byId.get(id) : undefined;
    if (name === undefined) throw new WireError("", "unknown message");
    if (typeof ttlMs !== "number" || !Number.isInteger(ttlMs) || ttlMs < 0 || ttlMs > 0xffff_ffff) {
      throw new WireError(name, "expected a time to live in ms");
    }
    const row = this.row(name);
    const values = parseValues(row.fields, fields, name);
    return { message: { ...values, type: name } as MessageOf<T>, row, ttlMs };
  }

  encodeReply<N extends MessageName<T>>(name: N, value: ReplyOf<T, N>): Uint8Array {
    return packr.pack(packValues(this.row(name).reply ?? {}, value));
  }

  decodeReply<N extends MessageName<T>>(name: N, body: Uint8Array): ReplyOf<T, N> {
    return parseValues(this.row(name).reply ?? {}, unpack(body), `${name} reply`) as ReplyOf<T, N>;
  }

  encodeRefusal(refusal: WireRefusal): Uint8Array {
    return packr.pack([refusal.refusal, refusal.retryAfterMs]);
  }

  decodeRefusal(name: MessageName<T>, body: Uint8Array): WireRefusal {
    const [refusal, retryAfterMs] = unpack(body);
    const row = this.row(name);
    if (typeof refusal !== "string" || !row.refusals?.includes(refusal)) {
      throw new WireError(name, "a refusal that it does not list");
    }
    const wellFormed =
      retryAfterMs === null ||
      (typeof retryAfterMs === "number" && Number.isInteger(retryAfterMs) && retryAfterMs >= 0);
    if (!wellFormed) throw new WireError(name, "a malformed retry-after");
    return { refusal, retryAfterMs };
  }
}
