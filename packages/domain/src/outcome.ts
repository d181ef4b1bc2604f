/** An expected refusal. It is returned, never thrown. */
export interface Refused<Code extends string> {
  readonly ok: false;
  readonly refusal: Code;
  /** After this time the same request may succeed. Absent if waiting does not help. */
  readonly retryAfterMs?: number;
  /**
   * What the code alone does not say. At most 200 UTF-16 units reach a client, and only one whose protocol has
   * a place for them.
   */
  readonly detail?: string;
}
export interface Accepted<Value> {
  readonly ok: true;
  readonly value: Value;
}
export type Outcome<Value, Code extends string> = Accepted<Value> | Refused<Code>;

export const accepted = <Value>(value: Value): Accepted<Value> => ({ ok: true, value });

export function refused<const Code extends string>(refusal: Code, retryAfterMs?: number): Refused<Code> {
  return retryAfterMs === undefined ? { ok: false, refusal } : { ok: false, refusal, retryAfterMs };
}

export const refusedWith = <const Code extends string>(refusal: Code, detail: string): Refused<Code> => ({
  ok: false,
  refusal,
  detail,
});

/** Null: the refusal has no time after which to ask again, or no detail. */
export const refusedBecause = <const Code extends string>(
  refusal: Code,
  { retryAfterMs, detail }: { readonly retryAfterMs: number | null; readonly detail: string | null },
): Refused<Code> => ({
  ok: false,
  refusal,
  ...(retryAfterMs !== null && { retryAfterMs }),
  ...(detail !== null && { detail }),
});

/**
 * A store or another server did not answer, or cannot serve now. The request may or may not have been carried
 * out: the caller has to read again before it acts.
 */
export class Unavailable extends Error {
  override readonly name: string = "Unavailable";
  readonly store: Store | undefined;
  constructor(message: string, { store, ...options }: ErrorOptions & { readonly store?: Store } = {}) {
    super(message, options);
    this.store = store;
  }
}
type Store = "Postgres" | "Redis";

/**
 * A row in Postgres holds a value that no server can use. Only an operator can repair it; other rows are not
 * affected.
 */
export class UnreadableRow extends Unavailable {}
