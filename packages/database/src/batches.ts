import { Unavailable } from "@sallyport/domain";
import type { Database, Statement } from "./database.ts";
import { isOfOneRow } from "./postgres-errors.ts";
import type { Row } from "./stored-values.ts";

/** One statement can carry out many calls of one kind. */
export interface BatchedCalls<Call, Answer> {
  /**
   * The parameters of the statement are arrays: one array for each value of a call, with one element for each
   * call. A result row belongs to the call with the number `nth`, counted from 1. The statement must not wait
   * for rows that another transaction has locked: it skips these rows.
   */
  readonly statement: Statement;
  readonly valuesOf: (call: Call) => readonly unknown[];
  /** Calls with the same key never share a statement. If absent, any calls may share a statement. */
  readonly keyOf?: (call: Call) => unknown;
  /**
   * Returns undefined if the statement changed nothing for this call, and does not say why. `alone` then
   * carries out the call. If `answerOf` throws, only this call fails.
   */
  readonly answerOf: (call: Call, rows: readonly Row[]) => Answer | undefined;
  /**
   * Carries out one call by a statement that waits for locked rows. Absent for a statement that only reads.
   */
  readonly alone?: (call: Call) => Promise<Answer>;
}

/** Large batches are cheap, but a batch without a limit would delay the statements behind it. */
const callsPerStatement = 200;
const waitingMax = 20_000;
/**
 * Calls that arrive while a statement is in progress wait for its answer, and then share the next statement.
 * They wait at most this many milliseconds, so a slow statement does not delay them much.
 */
const heldBackMsMax = 20;

interface Waiting<Call, Answer> {
  readonly call: Call;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

interface NumberedRow extends Row {
  readonly nth: number;
}

/**
 * Returns a function that carries out one call. Calls share a statement in two cases. 1: they are made in one
 * turn of the event loop. 2: they arrive while the previous statement is in progress. A call that the
 * statement skipped is carried out alone. If Postgres rejects a statement because of one of its rows, it has
 * changed nothing. Then each call of the statement is carried out alone, and only the call with that row
 * fails. If the outcome of a statement is unknown, all its calls throw `Unavailable`.
 */
export function inBatches<Call, Answer>(
  database: Database,
  calls: BatchedCalls<Call, Answer>,
): (call: Call) => Promise<Answer> {
  const batches = new Batches(database, calls);
  return (call) => batches.add(call);
}

class Batches<Call, Answer> {
  readonly #database: Database;
  readonly #calls: BatchedCalls<Call, Answer>;
  #waiting: Waiting<Call, Answer>[] = [];
  #isLeaving = false;
  #isHeldBack = false;

  constructor(database: Database, calls: BatchedCalls<Call, Answer>) {
    this.#database = database;
    this.#calls = calls;
  }

  add(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= waitingMax)
        throw new Unavailable("too much asked of Postgres", { store: "Postgres" });
      this.#waiting.push({ call, resolve, reject });
      this.#leaveSoon();
    });
  }

  /** The next batch leaves at the end of this turn of the event loop. */
  #leaveSoon(): void {
    if (this.#isLeaving || this.#isHeldBack || this.#waiting.length === 0) return;
    this.#isLeaving = true;
    setImmediate(() => {
      this.#isLeaving = false;
      this.#leave();
    });
  }

  #leave(): void {
    this.#isHeldBack = true;
    let isOver = false;
    const goOn = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      this.#isHeldBack = false;
      this.#leaveSoon();
    };
    const timer = setTimeout(goOn, heldBackMsMax);
    void this.#carryOut(this.#takeBatch()).finally(goOn);
  }

  #takeBatch(): Waiting<Call, Answer>[] {
    const { keyOf } = this.#calls;
    const keys = new Set<unknown>();
    const batch: Waiting<Call, Answer>[] = [];
    const rest: Waiting<Call, Answer>[] = [];
    for (const waiting of this.#waiting) {
      const key = keyOf === undefined ? waiting : keyOf(waiting.call);
      const fits = batch.length < callsPerStatement && !keys.has(key);
      (fits ? batch : rest).push(waiting);
      keys.add(key);
    }
    this.#waiting = rest;
    return batch;
  }

  async #carryOut(batch: readonly Waiting<Call, Answer>[]): Promise<void> {
    const { answerOf } = this.#calls;
    try {
      const rowsOf = await this.#ask(batch.map(({ call }) => call));
      for (const [index, { call, resolve, reject }] of batch.entries()) {
        try {
          const answer = answerOf(call, rowsOf.get(index + 1) ?? []);
          resolve(answer === undefined ? this.#alone(call) : answer);
        } catch (error) {
          reject(error);
        }
      }
    } catch (error) {
      for (const { call, resolve, reject } of batch) {
        if (error instanceof Unavailable || !isOfOneRow(error)) reject(error);
        else resolve(this.#alone(call));
      }
    }
  }

  async #alone(call: Call): Promise<Answer> {
    const { alone, answerOf } = this.#calls;
    if (alone !== undefined) return alone(call);
    const answer = answerOf(call, (await this.#ask([call])).get(1) ?? []);
    if (answer === undefined) throw new Error("a statement that only reads has no answer");
    return answer;
  }

  async #ask(calls: readonly Call[]): Promise<ReadonlyMap<number, readonly Row[]>> {
    const { statement, valuesOf } = this.#calls;
    const rowsOf = new Map<number, Row[]>();
    for (const row of await this.#database.query<NumberedRow>(statement, columnsOf(calls.map(valuesOf)))) {
      const rows = rowsOf.get(row.nth);
      if (rows === undefined) rowsOf.set(row.nth, [row]);
      else rows.push(row);
    }
    return rowsOf;
  }
}

/** Returns the columns of rows that all have the same length. */
export function columnsOf(rows: readonly (readonly unknown[])[]): unknown[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
}
