import { type Attack, countAnswer } from "./attack.ts";
import { flood } from "./each-connection.ts";
import { firstBytes } from "./requests.ts";

/** After this time without an answer the attacker gives up and connects again. */
const answerMs = 5_000;

export const firstPacketFlood: Attack = {
  name: "first-packet-flood",
  what: "show accounts that no server has, repeatedly, each on its own connection",
  unit: "clients",
  count: 50,
  async run(count, field, toll) {
    const doors = field.targets.filter(({ kind }) => kind !== "link");
    await flood({ count, targets: doors, field, toll }, async (connection, { target }) => {
      connection.onBytes(() => {
        if (connection.isOpen) countAnswer(toll, "answered");
        connection.hangUp();
      });
      connection.write(firstBytes(target, field));
      await connection.holdFor(answerMs);
    });
  },
};
