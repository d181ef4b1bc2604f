import { type Attack, type Field, type Target } from "./attack.ts";
import { httpRequest, junk, tlsHello, upgradeRequest, webSocketFrame } from "./bytes.ts";
import { eachConnection } from "./each-connection.ts";

const atOnce = 64;
/** After this time without an answer the attacker opens the next connection. */
const answerMs = 1_000;

const kinds: readonly ((target: Target, field: Field) => Uint8Array | string)[] = [
  (_, { random }) => junk(random, random.whole(1, 2_000)),
  (target) => httpRequest(target),
  (_, { random }) => tlsHello(random),
  (target, { random, marker }) => `${marker} ${Buffer.from(junk(random, 40)).toString("base64")}\r\n`,
  (target, { random }) =>
    Buffer.concat([Buffer.from(upgradeRequest(target)), webSocketFrame(junk(random, 200))]),
];

export const junkConnections: Attack = {
  name: "junk",
  what: "send random bytes, HTTP requests and TLS hellos, each on its own connection",
  unit: "connections",
  count: 10_000,
  async run(count, field, toll) {
    await eachConnection({ count, atOnce, field, toll }, async (connection, { target, round }) => {
      const kind = kinds[round % kinds.length] as (typeof kinds)[number];
      connection.onBytes(() => {});
      connection.write(kind(target, field));
      await connection.holdFor(answerMs);
    });
  },
};
