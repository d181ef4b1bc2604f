import type { WorldStateStore } from "@sallyport/database";
import type { Fact } from "./facts.ts";

/** The state of a world that counts steps. The game has others. */
export const countsKey = "steps";

/** Passes requests to the store, and reports what the sound store has after each change. */
export function watchedWorldStates(
  store: WorldStateStore,
  sound: WorldStateStore,
  way: <T>(what: string, run: () => Promise<T>, rows?: readonly string[]) => Promise<T>,
  see: (fact: Fact) => void,
): WorldStateStore {
  return {
    read: (world, keys) => way("read world states", () => store.read(world, keys)),
    change: (world, of, change) => {
      const run = async () => {
        const changed = await store.change(world, of, change);
        if (of !== countsKey) return changed;
        const counts = (await sound.read(world, [of])).get(of)?.value ?? {};
        see({ type: "counts-stored", world, counts: counts as { readonly [life: string]: number } });
        return changed;
      };
      return way("change world state", run, [`world state ${world} ${of}`]);
    },
  };
}
