import { openReclaimer } from "../reclaim/open-reclaimer.ts";
import type { Reclaimer } from "../reclaim/reclaimer.ts";
import { Crowd } from "./crowd.ts";
import type { Order } from "./orders.ts";
import { PlayerPool } from "./player-pool.ts";
import { Tally } from "./tally.ts";

/* This process generates load. It carries out the orders of the bench, and exits when the bench exits. */

const tally = new Tally();
let players: PlayerPool | null = null;
let crowd: Crowd | null = null;
const reclaimers: { locks?: Reclaimer; bare?: Reclaimer } = {};

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
    case "walk":
      await crowd?.walk(order.load);
      return true;
    case "plant":
      reclaimers[order.load.by]?.close();
      reclaimers[order.load.by] = await openReclaimer(order.load);
      return true;
    case "reclaim":
      await tally.check(async () => reclaimers[order.by]?.reclaim((count, ms) => tally.add(count, ms)));
      return true;
  }
}

process.on("message", (order: Order) => {
  void carryOut(order).then((hasAnswer) => hasAnswer && process.send?.(tally.take()));
});
process.on("disconnect", () => process.exit());
