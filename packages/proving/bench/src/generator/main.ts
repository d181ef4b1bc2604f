import { Crowd } from "./crowd.ts";
import type { Order } from "./orders.ts";
import { PlayerPool } from "./player-pool.ts";
import { Tally } from "./tally.ts";

/* A generator of load. It carries out the orders of the bench, and exits when the bench exits. */

const tally = new Tally();
let players: PlayerPool | null = null;
let crowd: Crowd | null = null;

/** Resolves to false if the order has no answer. */
async function carryOut(order: Order): Promise<boolean> {
  switch (order.type) {
    case "play":
      players = new PlayerPool(order.load, tally);
      return false;
    case "count":
      return true;
    case "stop":
    case "wait":
      if (order.type === "stop") players?.stop();
      await players?.untilEnded();
      return true;
    case "come":
      crowd = new Crowd(order.load, tally);
      await crowd.come();
      return true;
    case "leave":
      await crowd?.leave();
      return true;
  }
}

process.on("message", (order: Order) => {
  void carryOut(order).then((hasAnswer) => hasAnswer && process.send?.(tally.take()));
});
process.on("disconnect", () => process.exit());
