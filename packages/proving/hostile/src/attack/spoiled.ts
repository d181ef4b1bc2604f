import type { Random } from "@sallyport/random";
import { type Attack } from "./attack.ts";
import { eachConnection } from "./each-connection.ts";
import { framings } from "./requests.ts";

/*
 * Messages that are almost valid get further into a server than junk. The suite `fuzz` does the same to decoders,
 * with far more messages and without servers.
 */

const atOnce = 64;
const messagesMax = 4;
/** After this time without an end the attacker opens the next connection. */
const answerMs = 1_000;

/** Returns the bytes with a few of them changed, left out, doubled or added. */
export function spoil(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(Math.max(1, bytes.length));
  const count = random.whole(1, 8);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + count)];
  switch (random.below(5)) {
    case 0: {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, random.bytes(count), after]);
    case 3:
      return Buffer.concat([before, random.bytes(count), bytes.subarray(at)]);
    default:
      return Buffer.concat([before, bytes.subarray(at, at + count), bytes.subarray(at)]);
  }
}

export const spoiledMessages: Attack = {
  name: "spoiled",
  what: "send messages of each protocol with a few bytes changed, left out, doubled or added",
  unit: "connections",
  count: 4_000,
  async run(count, field, toll) {
    const { random } = field;
    await eachConnection({ count, atOnce, field, toll }, async (connection, { target }) => {
      const { opening, message, carried } = framings[target.kind];
      connection.onBytes(() => {});
      connection.write(opening(target));
      const messages = random.whole(1, messagesMax);
      const spoiled = random.below(messages);
      for (let nth = 0; nth < messages; nth += 1) {
        const whole = message(target, field, nth);
        connection.write(carried(nth === spoiled ? spoil(random, whole) : whole));
      }
      await connection.holdFor(answerMs);
    });
  },
};
