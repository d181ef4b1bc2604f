import type { LogLines } from "@sallyport/server-kit";

type Stop = () => unknown;

/**
 * Stops one part after the other. A part that fails does not keep the next ones from stopping, because one of
 * them may have to save players. Rejects after the last part if one has failed.
 */
export async function stopInOrder(...stops: readonly Stop[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops) {
    try {
      await stop();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("; "));
  if (failures.length === 1) throw failures[0];
}

/** Remembers how to stop everything that was opened. The part that was opened last is stopped first. */
export class Stops {
  readonly #stops: Stop[] = [];

  /**
   * Runs `open`. If it fails, stops everything that it has added, and rejects with the error of `open`: a part
   * that does not stop then is only logged, because the error of the start is the one to correct.
   */
  static async opening<T>(
    { log }: { readonly log: Pick<LogLines, "error"> },
    open: (stops: Stops) => Promise<T>,
  ): Promise<T> {
    const stops = new Stops();
    try {
      return await open(stops);
    } catch (error) {
      await stops.stop().catch((err) => log.error({ err }, "a part did not stop after a start that failed"));
      throw error;
    }
  }

  add(stop: Stop): void {
    this.#stops.push(stop);
  }

  /** Returns the part. So the caller can open it and add it in one expression. */
  addPart<Part extends { stop(): Promise<unknown> }>(part: Part): Part {
    this.add(() => part.stop());
    return part;
  }

  readonly stop = (): Promise<void> => stopInOrder(...this.#stops.splice(0).reverse());
}
