import { setTimeout } from "node:timers/promises";
import { each } from "@sallyport/bots";
import { type Attack, type Field, type Target } from "./attack.ts";
import { RawConnection } from "./raw-connection.ts";
import { firstBytes } from "./requests.ts";

/** After this time a gateway has begun to look for a server, or has just found one. */
const laterMs = 50;

/** The ways in which a connection ends. */
const goodbyes: readonly ((
  connection: RawConnection,
  target: Target,
  field: Field,
) => void | Promise<void>)[] = [
  (connection) => connection.hangUp(),
  (connection) => connection.reset(),
  (connection, target, field) => {
    connection.write(firstBytes(target, field).subarray(0, 1));
    connection.reset();
  },
  (connection, target, field) => {
    connection.write(firstBytes(target, field));
    connection.reset();
  },
  async (connection, target, field) => {
    connection.write(firstBytes(target, field));
    await setTimeout(field.random.whole(0, laterMs));
    connection.reset();
  },
];

export const connectFlood: Attack = {
  name: "connect-flood",
  what: "connect repeatedly, and hang up or reset at once, after one byte, or after a whole first packet",
  unit: "clients",
  count: 100,
  async run(count, field, toll) {
    const untilMs = performance.now() + field.floodMs;
    await each(Array(count).keys(), count, async (index) => {
      const target = field.targets[index % field.targets.length] as Target;
      for (let nth = index; performance.now() < untilMs; nth += 1) {
        const connection = await RawConnection.open(target, field, toll);
        if (connection === null) return;
        await goodbyes[nth % goodbyes.length]?.(connection, target, field);
      }
    });
  },
};
