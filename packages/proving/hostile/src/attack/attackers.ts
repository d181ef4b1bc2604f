import { setPriority } from "node:os";
import { Random } from "@sallyport/random";
import { type Field, newToll, type Toll } from "./attack.ts";
import { attacks } from "./attacks.ts";
import type { Order, Outcome } from "./orders.ts";
import { attackNet, hasAddresses, Sources } from "./sources.ts";

/*
 * The attackers run in a separate process. Otherwise their load would slow the bots down and look like a
 * fault of the servers. Real attackers have their own machines. With the niceness 19, this process only takes
 * processor time that no other process needs.
 */

setPriority(Number(process.argv[2]));

async function obey(order: Order): Promise<Outcome> {
  const startedMs = performance.now();
  const tolls: Record<string, Toll> = {};
  await Promise.all(
    attacks.map(async ({ attack, addresses }, index) => {
      const count = order.counts[attack.name] ?? attack.count;
      const field: Field = {
        ...order,
        random: new Random(`seed ${order.seed}`).fork(attack.name),
        sources: new Sources(attackNet(index), addresses),
        hasAddresses,
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
