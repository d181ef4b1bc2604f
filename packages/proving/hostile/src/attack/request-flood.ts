import { type Attack, countAnswer, type Field, type Target, type Toll } from "./attack.ts";
import { flood } from "./each-connection.ts";
import type { RawConnection } from "./raw-connection.ts";
import { Asker, onAnswers } from "./requests.ts";

/** A door accepts this many requests at the same time from one client. Greedy attackers send more. */
const usualWindow = 32;
const greedyWindow = 64;

export const requestFlood: Attack = {
  name: "request-flood",
  what: "send the same request repeatedly without waiting, at every door and link port",
  unit: "clients",
  count: 100,
  async run(count, field, toll) {
    // A client that is disconnected connects again.
    await flood({ count, targets: field.targets, field, toll }, (connection, { target, index, untilMs }) => {
      const window = index % 3 === 2 ? greedyWindow : usualWindow;
      return askRepeatedly(connection, target, field, toll, { untilMs, window });
    });
  },
};

async function askRepeatedly(
  connection: RawConnection,
  target: Target,
  field: Field,
  toll: Toll,
  { untilMs, window }: { readonly untilMs: number; readonly window: number },
): Promise<void> {
  const asker = new Asker(connection, target);
  const ask = (): void => {
    if (performance.now() < untilMs) asker.askAsStranger(field);
    else connection.hangUp();
  };
  if (target.kind !== "tcp" && target.kind !== "link") connection.onBytes(() => ask());
  else
    onAnswers(connection, ({ kind }) => {
      countAnswer(toll, kind);
      ask();
    });
  for (let asked = 0; asked < window; asked += 1) ask();
  await connection.holdFor(Math.max(0, untilMs - performance.now()));
}
