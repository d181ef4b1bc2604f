import type { Field, Fields, ValuesOf } from "./field.ts";

/**
 * A protocol is one table. Its rows define the static types, the checks, the bytes, the reference page and
 * the generators of the tests. No other code knows the form of a message.
 */
export interface RequestRow {
  /** Each message has its own id. The id of a removed message is not used again: see `retired`. */
  readonly id: number;
  readonly doc: string;
  readonly fields: Fields;
  readonly reply: Fields;
  readonly refusals: readonly string[];
}
export interface NoticeRow {
  readonly id: number;
  /** The oldest version of the protocol with this notice. Peers of older versions do not get it. Default: 1. */
  readonly since?: number;
  readonly doc: string;
  readonly fields: Fields;
  readonly reply?: never;
  readonly refusals?: never;
}
export type MessageRow = RequestRow | NoticeRow;
export type MessageTable = { readonly [name: string]: MessageRow };

export type MessageName<T extends MessageTable> = keyof T & string;
export type RequestName<T extends MessageTable> = {
  [N in MessageName<T>]: T[N] extends RequestRow ? N : never;
}[MessageName<T>];
export type NoticeName<T extends MessageTable> = Exclude<MessageName<T>, RequestName<T>>;

/** With this type, compiler errors show the fields of a message. */
type Flat<T> = { readonly [K in keyof T]: T[K] };
export type MessageOf<T extends MessageTable, N extends MessageName<T> = MessageName<T>> = {
  [K in N]: Flat<{ readonly type: K } & ValuesOf<T[K]["fields"]>>;
}[N];
export type RequestOf<T extends MessageTable> = MessageOf<T, RequestName<T>>;
export type NoticeOf<T extends MessageTable> = MessageOf<T, NoticeName<T>>;
export type ReplyOf<T extends MessageTable, N extends MessageName<T>> = T[N] extends RequestRow
  ? Flat<ValuesOf<T[N]["reply"]>>
  : never;
export type RefusalOf<T extends MessageTable, N extends MessageName<T>> = T[N] extends RequestRow
  ? T[N]["refusals"][number]
  : never;

/**
 * Throws in two cases. 1: two messages have the same id. 2: an id is in `retired`, the list of the ids of
 * removed messages.
 */
export function defineMessages<const T extends MessageTable>(table: T, retired: readonly number[] = []): T {
  const seen = new Map<number, string>(retired.map((id) => [id, "a retired message"]));
  for (const [name, row] of Object.entries(table)) {
    const other = seen.get(row.id);
    if (other !== undefined) throw new Error(`message id ${row.id} of ${name} belongs to ${other}`);
    if (!Number.isInteger(row.id) || row.id < 0 || row.id > 0xffff) throw new Error(`bad id for ${name}`);
    seen.set(row.id, name);
  }
  return table;
}

export const isRequestRow = (row: MessageRow): row is RequestRow => row.reply !== undefined;

export type { Field, Fields };
