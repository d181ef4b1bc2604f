import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bundled } from "./bundle-simulation.ts";
import type { Passages } from "./passage-watch.ts";
import { passagesIn } from "./passages.ts";
import { runSeedsOf } from "./seed-work.ts";
import { rootFolder, type SourceFault } from "./source-fault.ts";

export interface ReachOptions {
  readonly script: string;
  readonly sound: string;
  readonly bundled: Bundled;
  readonly faults: readonly SourceFault[];
}

/**
 * Records for each planted fault which seeds run the code that the fault replaces. In all other seeds the
 * fault changes nothing.
 */
export class Reach {
  readonly #options: ReachOptions;
  readonly #passages: Passages;
  /** The indices of the faults whose code ran in a seed. A seed that has not run yet has no entry. */
  readonly #reached = new Map<number, ReadonlySet<number>>();
  readonly #running = new Map<number, Promise<unknown>>();

  constructor(options: ReachOptions) {
    this.#options = options;
    const { code, map } = options.bundled;
    this.#passages = passagesIn(code, map, options.faults, pathOf);
  }

  /**
   * Returns the seeds of a batch that run the code of the fault. Many callers want the same batch, so each
   * batch runs only once.
   */
  async seedsOf(fault: SourceFault, batch: readonly number[]): Promise<readonly number[]> {
    const [first = 0] = batch;
    const running = this.#running.get(first) ?? this.#run(batch);
    this.#running.set(first, running);
    await running;
    const place = this.#options.faults.indexOf(fault);
    return batch.filter((seed) => this.#reached.get(seed)?.has(place) !== false);
  }

  async #run(batch: readonly number[]): Promise<void> {
    const threads = availableParallelism();
    const { script, sound: bundle } = this.#options;
    const shares = Array.from({ length: threads }, (_, nth) =>
      batch.filter((_seed, place) => place % threads === nth),
    );
    await Promise.all(
      shares.map((seeds) =>
        runSeedsOf(
          script,
          { bundle, seeds, outside: null, passages: this.#passages },
          ({ seed, reached }) => {
            this.#reached.set(seed, new Set(reached));
          },
        ),
      ),
    );
  }
}

/** Returns the path of a source, given its name in the bundle's source map. */
const pathOf = (source: string): string =>
  source.startsWith("file:") ? fileURLToPath(source) : resolve(rootFolder, source);
