import { setTimeout } from "node:timers/promises";
import { type Attack, type Field, type Target } from "./attack.ts";
import { flood } from "./each-connection.ts";
import type { RawConnection } from "./raw-connection.ts";
import { firstBytes } from "./requests.ts";

/**
 * The longest pause before a reset, in milliseconds. During this pause, a gateway begins to look for a
 * server, or has just found one.
 */
const laterMs = 50;

/** The ways in which an attacker ends a connection. */
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
    await flood({ count, targets: field.targets, field, toll }, (connection, { target, index, round }) =>
      goodbyes[(index + round) % goodbyes.length]?.(connection, target, field),
    );
  },
};
