import { setImmediate } from "node:timers/promises";
import { type Attack } from "./attack.ts";
import { eachConnection } from "./each-connection.ts";
import { framings } from "./requests.ts";

export const crumbs: Attack = {
  name: "crumbs",
  what: "send what may precede a first packet, one byte at a time",
  unit: "connections",
  count: 100,
  async run(count, field, toll) {
    const untilMs = performance.now() + field.floodMs;
    await eachConnection({ count, atOnce: count, field, toll }, async (connection, { target }) => {
      connection.onBytes(() => {});
      const said = framings[target.kind].slow(target, field);
      for (let at = 0; at < said.length && connection.isOpen && performance.now() < untilMs; at += 1) {
        connection.write(said.subarray(at, at + 1));
        // With this pause, each byte goes out in its own TCP segment.
        await setImmediate();
      }
      await connection.holdFor(field.patienceMs);
    });
  },
};
