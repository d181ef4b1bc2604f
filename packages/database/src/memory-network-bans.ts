import { accepted, kickText, type NetworkBan, refused } from "@sallyport/domain";
import type { MadeNetworkBan, NetworkBans } from "./network-bans.ts";

interface Kept extends MadeNetworkBan {
  readonly version: number;
}

/** For simulations and tests. It takes the networks as they are written. */
export function createMemoryNetworkBans(now: () => number): NetworkBans {
  const bans = new Map<number, Kept>();
  let version = 0;
  const keep = (ban: MadeNetworkBan): void => {
    version += 1;
    bans.set(ban.id, { ...ban, version });
  };
  const holds = ({ untilMs, isLifted }: NetworkBan): boolean =>
    !isLifted && (untilMs === null || untilMs > now());

  return {
    add: async ({ of, untilMs, reason = null, by = null }) => {
      const [network, device] = "network" in of ? [of.network, null] : [null, of.device];
      const id = bans.size + 1;
      keep({
        ...{ id, network, device, by, text: reason && kickText(reason), isLifted: false, madeMs: now() },
        untilMs: untilMs === Number.POSITIVE_INFINITY ? null : untilMs,
      });
      return accepted({ id });
    },
    lift: async (id) => {
      const ban = bans.get(id);
      if (ban === undefined || ban.isLifted) return refused("no-such-ban");
      keep({ ...ban, isLifted: true });
      return accepted({});
    },
    list: async (countMax) => [...bans.values()].filter(holds).reverse().slice(0, countMax),
    bansAfter: async (after, countMax) => {
      const items = [...bans.values()]
        .filter((ban) => ban.version > after && (after > 0 || holds(ban)))
        .sort((a, b) => a.version - b.version)
        .slice(0, countMax);
      return { items, version: items.at(-1)?.version ?? after };
    },
  };
}
