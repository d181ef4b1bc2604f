import { each, type Field, type Target, type Toll } from "./attack.ts";
import { RawConnection } from "./raw-connection.ts";

interface Place {
  readonly target: Target;
  readonly index: number;
  /** How often every target has had its turn: all that is varied by it comes at all of them, whatever divides what. */
  readonly round: number;
}

/** A connection each, to one target after another, where one was let in; at most `atOnce` at a time. */
export const eachConnection = (
  { count, atOnce, field, toll }: { count: number; atOnce: number; field: Field; toll: Toll },
  run: (connection: RawConnection, place: Place) => void | Promise<void>,
): Promise<void> =>
  each(count, atOnce, async (index) => {
    const { targets } = field;
    const target = targets[index % targets.length] as Target;
    const connection = await RawConnection.open(target, field, toll);
    if (connection === null) return;
    await run(connection, { target, index, round: Math.floor(index / targets.length) });
  });
