import { each } from "@sallyport/bots";
import { type Attack, countAnswer, type Target } from "./attack.ts";
import { RawConnection } from "./raw-connection.ts";
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
    const untilMs = performance.now() + field.floodMs;
    await each(Array(count).keys(), count, async (index) => {
      const target = doors[index % doors.length] as Target;
      while (performance.now() < untilMs) {
        const connection = await RawConnection.open(target, field, toll);
        if (connection === null) return;
        connection.onBytes(() => {
          if (connection.isOpen) countAnswer(toll, "answered");
          connection.hangUp();
        });
        connection.write(firstBytes(target, field));
        await connection.holdFor(answerMs);
      }
    });
  },
};
