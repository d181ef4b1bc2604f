import type { EventLoop } from "./event-loop.ts";

interface Statement {
  readonly rows: readonly string[];
  /** The number of rows that the statement has locked so far. */
  has: number;
  readonly got: () => void;
  readonly deadlocked: () => void;
}

/** Postgres waits this long before it looks for a deadlock. */
const deadlockMs = 1_000;

/**
 * Records the rows that each statement has locked. A statement locks its rows one by one. It waits for rows
 * that other statements have locked. It keeps all its rows until it ends. If several statements wait for one
 * row, the statement that waited longest gets it next.
 */
export class RowLocks {
  readonly #loop: EventLoop;
  /** The statements at each row: first the statement that has locked it, then the statements that wait. */
  readonly #queues = new Map<string, Statement[]>();

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /**
   * Calls `got` with a function that unlocks the rows. If the statement completes a deadlock, it locks no
   * rows, and this method calls `deadlocked`.
   */
  take(rows: readonly string[], got: (release: () => void) => void, deadlocked: () => void): void {
    const statement: Statement = {
      rows: [...new Set(rows)],
      has: 0,
      got: () => got(() => this.#release(statement)),
      deadlocked,
    };
    this.#advance(statement);
  }

  #advance(statement: Statement): void {
    for (;;) {
      const row = statement.rows[statement.has];
      if (row === undefined) return statement.got();
      const queue = this.#queues.get(row) ?? [];
      this.#queues.set(row, queue);
      if (!queue.includes(statement)) queue.push(statement);
      if (queue[0] !== statement) return this.#watch(statement);
      statement.has += 1;
    }
  }

  #watch(statement: Statement): void {
    const { has } = statement;
    this.#loop.after(deadlockMs, () => {
      if (statement.has !== has || !this.#waitsForItself(statement)) return;
      statement.deadlocked();
      this.#release(statement);
    });
  }

  #waitsForItself(statement: Statement): boolean {
    const seen = new Set<Statement>();
    for (let at: Statement | undefined = statement; at !== undefined && !seen.has(at); ) {
      seen.add(at);
      const row: string | undefined = at.rows[at.has];
      at = row === undefined ? undefined : this.#queues.get(row)?.[0];
      if (at === statement) return true;
    }
    return false;
  }

  #release(statement: Statement): void {
    const rows = statement.rows.slice(0, statement.has + 1);
    statement.has = statement.rows.length;
    for (const row of rows) {
      const queue = this.#queues.get(row);
      const place = queue?.indexOf(statement) ?? -1;
      if (queue === undefined || place < 0) continue;
      queue.splice(place, 1);
      const [next] = queue;
      if (next === undefined) this.#queues.delete(row);
      else if (place === 0) this.#advance(next);
    }
  }
}
