import type { MapServer, PlayedGameOptions } from "@sallyport/map-server";
import type { Shell } from "../process/shell.ts";
import type { ReadGame } from "./game-settings.ts";
import { loadGame } from "./load-game.ts";
import { withOwnFrames } from "./load-problem.ts";
import { reloadOnChange } from "./reload-game.ts";
import { startWatchdog } from "./watchdog.ts";

export interface GameRun {
  /** For the map-server. */
  readonly played: Pick<PlayedGameOptions, "game" | "calls" | "forLog">;
  /** Gives the map-server each new version of the game, if `GAME_RELOAD` says so. */
  reloadInto(server: MapServer): void;
  stop(): Promise<void>;
}

/** Runs what a game needs beside the map-server. `server` names the process in log lines. */
export function runGame({ clock, failed }: Shell, server: string, read: ReadGame): GameRun {
  const { game, module, reloads, stuckMs } = read;
  let { files } = read;
  const watchdog = stuckMs === 0 ? null : startWatchdog({ server, stuckMs, failed });
  let stopReloading = (): void => {};
  return {
    played: { game, calls: watchdog?.calls, forLog: (error) => withOwnFrames(error, files) },
    reloadInto(mapServer) {
      if (!reloads) return;
      stopReloading = reloadOnChange({
        ...{ module, files, clock, failed, load: loadGame },
        tell: (text) => process.stderr.write(`${text}\n`),
        put(next, filesOfNext) {
          const misfit = mapServer.misfitOf(next);
          if (misfit !== null) return misfit;
          files = filesOfNext;
          mapServer.reload(next);
          return null;
        },
      });
    },
    async stop() {
      stopReloading();
      await watchdog?.stop();
    },
  };
}
