import * as inspector from "node:inspector/promises";

type Profiled = inspector.Profiler.FunctionCoverage;
type Range = inspector.Profiler.CoverageRange;

// The word means other things elsewhere.
const Inspector = inspector["Session"];

/** Where in a bundle a passage of source came to be: offsets in its text. */
export type Passages = readonly (readonly number[])[];

/**
 * Which passages of a bundle ran, by the engine's own counts. A seed that does not come to the passage of a fault goes the
 * same way with the fault in it.
 */
export class PassageWatch {
  readonly #inspector: InstanceType<typeof Inspector>;
  readonly #bundle: string;
  readonly #passages: Passages;
  /** Ran as the bundle was loaded, so that every seed may rest on what they made. */
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

  /** Since it was asked last: the places of those in the list. */
  async reached(): Promise<readonly number[]> {
    const ran = await this.#ran();
    return ran.flatMap((hasRun, place) => (hasRun || this.#always[place] ? [place] : []));
  }

  async #ran(): Promise<readonly boolean[]> {
    const { result } = await this.#inspector.post("Profiler.takePreciseCoverage");
    const functions = result.find(({ url }) => url === this.#bundle)?.functions ?? [];
    return this.#passages.map(
      // Of what is no code nothing can be told.
      (offsets) => offsets.length === 0 || offsets.some((offset) => countAt(functions, offset) > 0),
    );
  }
}

/** By the innermost block of the innermost function. A function that is not listed has not run. */
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
