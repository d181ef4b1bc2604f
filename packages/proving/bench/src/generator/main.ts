import type { Order } from "./orders.ts";
import { PlayerPool } from "./player-pool.ts";

/* A generator of load: carries out orders of the bench, and ends with it. */

let players: PlayerPool | null = null;

async function carryOut(order: Order): Promise<void> {
  if (order.type === "play") {
    players = new PlayerPool(order.load);
    return;
  }
  if (order.type === "stop") players?.stop();
  if (order.type !== "count") await players?.untilEnded();
  process.send?.(players?.count());
}

process.on("message", (order: Order) => void carryOut(order));
process.on("disconnect", () => process.exit());
