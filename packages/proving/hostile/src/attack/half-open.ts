import { type Attack, type Field, type Target } from "./attack.ts";
import { tlsHello, upgradeRequest } from "./bytes.ts";
import { eachConnection } from "./each-connection.ts";
import { framings } from "./requests.ts";

const openedAtOnce = 100;

/** The bytes that a connection sends before it falls silent. Null if the connection sends nothing. */
const beginnings: readonly ((target: Target, field: Field) => Uint8Array | string | null)[] = [
  () => null,
  () => new Uint8Array([0]),
  (_, { random }) => tlsHello(random).subarray(0, 7),
  (target, field) => {
    if (target.kind === "websocket") return upgradeRequest(target).slice(0, 60);
    const whole = framings[target.kind].message(target, field, 0);
    return whole.subarray(0, Math.floor(whole.length / 2));
  },
];

export const halfOpen: Attack = {
  name: "half-open",
  what: "connect and send nothing, one byte, half a TLS hello, half a message or half an upgrade",
  unit: "connections",
  count: 2_000,
  async run(count, field, toll) {
    const held: Promise<void>[] = [];
    await eachConnection({ count, atOnce: openedAtOnce, field, toll }, (connection, { target, round }) => {
      const begin = beginnings[round % beginnings.length];
      const beginning = begin?.(target, field) ?? null;
      if (beginning !== null) connection.write(beginning);
      connection.onBytes(() => {});
      held.push(connection.holdFor(field.patienceMs));
    });
    await Promise.all(held);
  },
};
