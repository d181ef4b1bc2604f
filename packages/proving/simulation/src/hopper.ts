import type { Random } from "@sallyport/random";
import type { Game } from "@sallyport/sdk";
import type { Dealings } from "./dealings.ts";
import type { SimulatedClient } from "./simulated-client.ts";
import { warpCell } from "./small-maps.ts";

/** The walk to the warp takes about this many milliseconds. */
const onTheWayMs = [120, 330] as const;

const offWarp = { x: warpCell.x, y: warpCell.y - 1 };
const wall = { x: 0, y: 0 };

interface Hopping {
  readonly random: Random;
  readonly dealings: Dealings;
  readonly isOver: () => boolean;
}

/**
 * Makes the client go from map to map. The client sometimes leaves, asks to hop again, or vanishes during a
 * hop.
 */
export async function hopAbout(
  self: SimulatedClient,
  game: Game,
  { random, dealings, isOver }: Hopping,
): Promise<"to select" | "again" | "goes" | "vanishes"> {
  const walk = async ({ x, y }: { readonly x: number; readonly y: number }) =>
    self.heard("walk", await game.walk(x, y));
  while (game.isOpen && !isOver()) {
    await walk(warpCell);
    await self.pause(random.between(...onTheWayMs));
    dealings.sometimes(0.3);
    const deed = random.weighted({ again: 8, wait: 4, leave: 2, select: 3, vanish: 1 });
    switch (deed) {
      case "again":
        for (let times = 1 + random.below(3); times > 0 && game.isOpen; times -= 1) {
          await walk(offWarp);
          await self.pause(random.between(50, 120));
          await walk(random.chance(0.05) ? wall : warpCell);
          await self.pause(random.between(10, 150));
          dealings.sometimes(0.3);
        }
        break;
      case "wait":
        await self.pause(random.between(0, 700));
        break;
      case "leave":
        await dealings.leave("offline");
        return "again";
      case "select":
        return (await dealings.leave("char-select")).ok ? "to select" : "again";
      case "vanish":
        return "vanishes";
    }
  }
  return "again";
}
