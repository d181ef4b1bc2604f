import type { ReclaimLoad } from "../generator/orders.ts";
import { BareLocks } from "./bare-locks.ts";
import { OwnedLocks } from "./owned-locks.ts";
import type { Reclaimer } from "./reclaimer.ts";

/** Stores locks that the first incarnation of a server holds. */
export const openReclaimer = ({ by, redisUrl, locks }: ReclaimLoad): Promise<Reclaimer> =>
  by === "bare" ? BareLocks.plant(redisUrl, locks) : OwnedLocks.plant(redisUrl, locks);
