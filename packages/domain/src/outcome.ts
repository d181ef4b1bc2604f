/** An expected "no": a value, never thrown. */
export interface Refused<Code extends string> {
  readonly ok: false;
  readonly refusal: Code;
  /** When asking again may be answered differently; absent where it will not be. */
  readonly retryAfterMs?: number;
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

/** A store or a peer did not answer. What was asked may or may not have happened. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  constructor(what: string, cause?: unknown) {
    super(what, { cause });
  }
}

/** A row in Postgres holds what no server can use. Only an operator can mend that; nothing else is unavailable with it. */
export class UnreadableRow extends Unavailable {}
