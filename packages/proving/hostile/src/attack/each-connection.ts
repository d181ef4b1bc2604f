import { each } from "@sallyport/bots";
import { type Field, type Target, type Toll } from "./attack.ts";
import { RawConnection } from "./raw-connection.ts";

interface Place {
  readonly target: Target;
  readonly index: number;
  /**
   * Number of times that all targets have had their turn. An attack that chooses its behaviour by `round`
   * shows each behaviour to every target.
   */
  readonly round: number;
}

/**
 * Opens connections to one target after another, at most `atOnce` at a time. Calls `run` for each connection
 * that a server accepted.
 */
export const eachConnection = (
  { count, atOnce, field, toll }: { count: number; atOnce: number; field: Field; toll: Toll },
  run: (connection: RawConnection, place: Place) => void | Promise<void>,
): Promise<void> =>
  each(Array(count).keys(), atOnce, async (index) => {
    const { targets } = field;
    const target = targets[index % targets.length] as Target;
    const connection = await RawConnection.open(target, field, toll);
    if (connection === null) return;
    await run(connection, { target, index, round: Math.floor(index / targets.length) });
  });

/** Each client has one target. It connects to that target again and again until the flood is over. */
export const flood = (
  { count, targets, field, toll }: { count: number; targets: readonly Target[]; field: Field; toll: Toll },
  run: (connection: RawConnection, place: Place & { readonly untilMs: number }) => void | Promise<void>,
): Promise<void> => {
  const untilMs = performance.now() + field.floodMs;
  return each(Array(count).keys(), count, async (index) => {
    const target = targets[index % targets.length] as Target;
    for (let round = 0; performance.now() < untilMs; round += 1) {
      const connection = await RawConnection.open(target, field, toll);
      if (connection === null) return;
      await run(connection, { target, index, round, untilMs });
    }
  });
};
