export interface FairTurnsOptions {
  readonly atOnce: number;
  readonly waitingMax: number;
  readonly waitingPerSourceMax: number;
}

/**
 * `busy`: too many callers wait. `gone`: the caller has left. Only a caller that got `turn` has to call
 * `give`.
 */
export type Turn = "turn" | "busy" | "gone";

interface Waiter {
  settle(turn: Turn): void;
}

/**
 * Turns for expensive work. The callers of each source wait in a line of their own, and the lines take turns.
 * So a source that sends too many requests delays only itself. When all waiting places are taken, a caller
 * from another source pushes out the last caller of the longest line. So a few sources cannot keep all others
 * out.
 */
export class FairTurns {
  readonly #options: FairTurnsOptions;
  /** The waiting callers of each source, in the order of the sources' next turns. No line is empty. */
  readonly #lines = new Map<string, Waiter[]>();
  #running = 0;
  #waiting = 0;

  constructor(options: FairTurnsOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Returns how many turns come before the turn of a caller of this source that begins to wait now. */
  turnsAhead(source: string): number {
    const own = this.#lines.get(source)?.length ?? 0;
    let ahead = this.#running + own;
    for (const [other, line] of this.#lines) if (other !== source) ahead += Math.min(line.length, own + 1);
    return ahead;
  }

  async take(source: string, signal?: AbortSignal): Promise<Turn> {
    if (signal?.aborted) return "gone";
    if (this.#running < this.#options.atOnce) {
      this.#running += 1;
      return "turn";
    }
    if (!this.#hasPlaceFor(source)) return "busy";
    return this.#wait(source, signal);
  }

  /** Ends a turn. If somebody waits, the turn passes directly to the next caller. */
  give(): void {
    const [next] = this.#lines;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    const [source, line] = next;
    // Moves the line to the end of the rotation.
    this.#lines.delete(source);
    if (line.length > 1) this.#lines.set(source, line);
    const waiter = line.shift();
    this.#waiting -= 1;
    waiter?.settle("turn");
  }

  #hasPlaceFor(source: string): boolean {
    const { waitingMax, waitingPerSourceMax } = this.#options;
    const own = this.#lines.get(source)?.length ?? 0;
    if (own >= waitingPerSourceMax) return false;
    if (this.#waiting < waitingMax) return true;
    let longest: [source: string, line: Waiter[]] | undefined;
    for (const each of this.#lines) if (each[1].length > (longest?.[1].length ?? 0)) longest = each;
    if (longest === undefined || longest[1].length <= own + 1) return false;
    const last = longest[1].at(-1);
    if (last !== undefined) this.#remove(longest[0], last, "busy");
    return true;
  }

  #wait(source: string, signal: AbortSignal | undefined): Promise<Turn> {
    return new Promise((resolve) => {
      const left = (): void => this.#remove(source, waiter, "gone");
      const waiter: Waiter = {
        settle(turn) {
          signal?.removeEventListener("abort", left);
          resolve(turn);
        },
      };
      signal?.addEventListener("abort", left, { once: true });
      const line = this.#lines.get(source);
      if (line === undefined) this.#lines.set(source, [waiter]);
      else line.push(waiter);
      this.#waiting += 1;
    });
  }

  #remove(source: string, waiter: Waiter, turn: "busy" | "gone"): void {
    const line = this.#lines.get(source);
    const index = line?.indexOf(waiter) ?? -1;
    if (line === undefined || index < 0) return;
    line.splice(index, 1);
    if (line.length === 0) this.#lines.delete(source);
    this.#waiting -= 1;
    waiter.settle(turn);
  }
}
