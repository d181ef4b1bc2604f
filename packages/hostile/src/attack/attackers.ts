import { constants, setPriority } from "node:os";
import { Random } from "@sallyport/bots";
import { type Field, newToll, type Toll } from "./attack.ts";
import { attacks } from "./attacks.ts";
import type { Order, Outcome } from "./orders.ts";
import { Sources } from "./sources.ts";

/*
 * A process of their own: what attackers cost themselves must not look like something that servers cost bots. They
 * would have machines of their own too; on this one they take the processor time that nobody else wants.
 */

setPriority(constants.priority.PRIORITY_LOW);

const firstNet = 66;

async function obey(order: Order): Promise<Outcome> {
  const startedMs = performance.now();
  const tolls: Record<string, Toll> = {};
  await Promise.all(
    attacks.map(async ({ attack, addresses }, index) => {
      const count = Math.ceil((order.counts[attack.name] ?? attack.count) * order.share);
      const field: Field = {
        ...order,
        random: new Random(order.seed * 1_000_003 + index),
        sources: new Sources(firstNet + index, addresses),
      };
      if (order.do === "prepare") return attack.prepare?.(count, field);
      const toll = newToll();
      tolls[attack.name] = toll;
      await attack.run(count, field, toll);
    }),
  );
  return { done: true, tolls, seconds: (performance.now() - startedMs) / 1_000 };
}

process.on("message", (order: Order) => {
  void obey(order)
    .catch((error: unknown): Outcome => ({ done: false, why: String(error) }))
    .then((outcome) => process.send?.(outcome));
});
