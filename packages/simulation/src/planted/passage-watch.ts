import { type Profiler, Session } from "node:inspector/promises";

/** Where in a bundle a passage of source came to be: offsets in its text. */
export type Passages = readonly (readonly number[])[];

/**
 * Which passages of a bundle ran, by the engine's own counts. A seed that does not come to the passage of a fault goes the
 * same way with the fault in it.
 */
export class PassageWatch {
  readonly #session: Session;
  readonly #bundle: string;
  readonly #passages: Passages;
  /** Ran as the bundle was loaded, so that every seed may rest on what they made. */
  #always: readonly boolean[] = [];

  private constructor(session: Session, bundle: string, passages: Passages) {
    this.#session = session;
    this.#bundle = bundle;
    this.#passages = passages;
  }

  static async start(bundle: string, passages: Passages): Promise<PassageWatch> {
    const session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return new PassageWatch(session, bundle, passages);
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
    const { result } = await this.#session.post("Profiler.takePreciseCoverage");
    const functions = result.find(({ url }) => url === this.#bundle)?.functions ?? [];
    return this.#passages.map(
      // Of what is no code nothing can be told.
      (offsets) => offsets.length === 0 || offsets.some((offset) => countAt(functions, offset) > 0),
    );
  }
}

/** By the innermost block of the innermost function. A function that is not listed has not run. */
function countAt(functions: readonly Profiler.FunctionCoverage[], offset: number): number {
  const isIn = ({ startOffset, endOffset }: Profiler.CoverageRange): boolean =>
    startOffset <= offset && offset < endOffset;
  const ofFunction = narrowest(
    functions.flatMap(({ ranges: [range] }) => (range && isIn(range) ? [range] : [])),
  );
  const blocks = functions.find(({ ranges }) => ranges[0] === ofFunction)?.ranges ?? [];
  return narrowest(blocks.filter(isIn))?.count ?? 0;
}

const narrowest = (ranges: readonly Profiler.CoverageRange[]): Profiler.CoverageRange | undefined =>
  ranges.reduce<Profiler.CoverageRange | undefined>(
    (best, range) =>
      best === undefined || range.endOffset - range.startOffset <= best.endOffset - best.startOffset
        ? range
        : best,
    undefined,
  );
