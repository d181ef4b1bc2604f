import type { Contender } from "./contender.ts";
import { startFloor } from "./floor.ts";
import { type Ours, type OursOptions, startOurs } from "./ours.ts";

/** Servers that several scenarios share. Each server starts when a scenario first needs it. */
export class Standing {
  readonly #options: OursOptions;
  #ours: Promise<Ours> | null = null;
  readonly #done = new Set<string>();
  #floor: Promise<Contender> | null = null;

  constructor(options: OursOptions) {
    this.#options = options;
  }

  /** Calls `run`, but only once for each name. */
  async once(name: string, run: () => Promise<void>): Promise<void> {
    if (this.#done.has(name)) return;
    this.#done.add(name);
    await run();
  }

  ours(): Promise<Ours> {
    this.#ours ??= startOurs(this.#options);
    return this.#ours;
  }

  floor(): Promise<Contender> {
    this.#floor ??= startFloor(this.#options);
    return this.#floor;
  }
}
