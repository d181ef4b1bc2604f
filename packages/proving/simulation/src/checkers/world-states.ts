import type { Checker, Rules } from "./checker.ts";

interface Counted {
  /** When each change without an answer was asked for. */
  readonly openMs: Map<number, number>;
  made: number;
  /** Changes that were made, or whose outcome is unknown. */
  possible: number;
  stored: number;
}

/** A change is answered within this time, if nothing goes wrong. */
const answerMs = 15_000;

/**
 * A world counts steps, separately for each process. A change that was answered as stored is stored, one that
 * was refused is not, no change counts twice, and no other server's change removes it. No world has counts of
 * another.
 */
export class WorldStates implements Checker {
  readonly name = "world-states";
  readonly #counted = new Map<string, Counted>();
  #healedMs = Number.POSITIVE_INFINITY;

  readonly rules: Rules = {
    "count-asked": ({ world, life, id }, nowMs) => {
      const counted = this.#of(world, life);
      counted.openMs.set(id, nowMs);
      counted.possible += 1;
      return null;
    },
    "count-answered": ({ world, life, id, refusal }) => {
      const counted = this.#of(world, life);
      counted.openMs.delete(id);
      if (refusal === null) counted.made += 1;
      // A server that stops may not know the outcome.
      else if (refusal !== "stopping") counted.possible -= 1;
      return this.#judge(world, life);
    },
    "counts-stored": ({ world, counts }) => {
      for (const life of new Set([...Object.keys(counts), ...this.#livesOf(world)])) {
        const counted = this.#of(world, life);
        const before = counted.stored;
        counted.stored = counts[life] ?? 0;
        if (counted.stored < before)
          return `${world} had ${before} steps of ${life}, and then ${counted.stored}`;
        const broken = this.#judge(world, life);
        if (broken !== null) return broken;
      }
      return null;
    },
    died: ({ life }) => {
      for (const [name, { openMs }] of this.#counted) if (name.endsWith(` ${life}`)) openMs.clear();
      return null;
    },
    healed: (_fact, nowMs) => {
      this.#healedMs = nowMs;
      return null;
    },
  };

  end(nowMs: number): string | null {
    for (const [name, { openMs }] of this.#counted)
      for (const askedMs of openMs.values())
        if (Math.max(askedMs, this.#healedMs) + answerMs < nowMs)
          return `a change of ${name} has no answer after ${Math.round(nowMs - askedMs)} ms`;
    return null;
  }

  #judge(world: string, life: string): string | null {
    const { made, possible, stored } = this.#of(world, life);
    if (stored < made) return `${world} has ${stored} steps of ${life}, and ${made} were answered as stored`;
    return stored > possible
      ? `${world} has ${stored} steps of ${life}, which made at most ${possible}`
      : null;
  }

  #livesOf(world: string): readonly string[] {
    const prefix = `${world} `;
    return [...this.#counted.keys()].flatMap((name) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    );
  }

  #of(world: string, life: string): Counted {
    const name = `${world} ${life}`;
    const counted = this.#counted.get(name) ?? { openMs: new Map(), made: 0, possible: 0, stored: 0 };
    this.#counted.set(name, counted);
    return counted;
  }
}
