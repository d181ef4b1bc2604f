import type { Clock } from "@sallyport/sdk";
import { type Cell, cellAhead } from "../wire/cells.ts";
import { InVain } from "./journal.ts";
import type { RagnarokClient } from "./ragnarok-client.ts";

const askEveryMsByDefault = 200;
const cellsAhead = 10;

export interface WalkToOptions {
  readonly clock: Clock;
  readonly withinMs: number;
  readonly askEveryMs?: number;
}

/**
 * Walks straight to a cell, like OpenKore does: every `askEveryMs`, the client asks to walk to a cell on the
 * way. Resolves when the character should have arrived, or when the character is on another map.
 */
export function walkTo(client: RagnarokClient, to: Cell, options: WalkToOptions): Promise<void> {
  const { clock, withinMs, askEveryMs = askEveryMsByDefault } = options;
  const map = client.place?.map;
  return new Promise((resolve, reject) => {
    const settle = (run: () => void): void => {
      stop();
      cancel();
      run();
    };
    const inVain = (why: "closed" | "timed-out"): void =>
      settle(() => reject(new InVain(why, `walk to ${to.x},${to.y}: ${why}`)));
    const step = (): void => {
      const now = client.cellByNow;
      if (now === null) return inVain("closed");
      const isOver = client.place?.map !== map || (now.x === to.x && now.y === to.y);
      if (isOver) return settle(resolve);
      client.sendWalk(cellAhead(now, to, cellsAhead));
    };
    const stop = clock.every(askEveryMs, step);
    const cancel = clock.after(withinMs, () => inVain("timed-out"));
    step();
  });
}
