import type { Clock } from "@sallyport/clock";
import type { Game } from "@sallyport/game-core";
import { FileWatch } from "./file-watch.ts";
import type { LoadedGame } from "./load-game.ts";

export interface Reloading {
  readonly module: string;
  /** The files of the game that runs. */
  readonly files: ReadonlySet<string>;
  readonly clock: Clock;
  readonly load: (module: string) => Promise<LoadedGame>;
  /** Puts the new game in the place of the old one. Returns the problem if it does not fit. */
  readonly put: (game: Game, files: ReadonlySet<string>) => string | null;
  /** Shows the author what happened. */
  readonly tell: (text: string) => void;
  readonly failed: (error: unknown) => void;
}

/** Loads the game anew each time its files change, until the returned function is called. */
export function reloadOnChange(reloading: Reloading): () => void {
  const { module, clock, put, tell, failed } = reloading;
  let { files } = reloading;
  let told: string | null = null;
  let phase: "idle" | "loading" | "stale" | "stopped" = "idle";
  const load = async (): Promise<void> => {
    const loaded = await reloading.load(module);
    if (phase === "stopped") return;
    // After a failure, a file may be missing whose name is not known. So any file of these folders counts.
    files = loaded.ok ? loaded.files : new Set([...files, ...loaded.files]);
    watch.watch({ files, andTheirFolders: !loaded.ok });
    const problem = problemOf(loaded, put);
    // Editors touch other files of the folder, and each makes a game that failed load again.
    if (problem === null) tell(`${module}: loaded anew`);
    else if (problem !== told) tell(`The game stays as it was.\n${problem}`);
    told = problem;
    const isStale = phase === "stale";
    phase = isStale ? "loading" : "idle";
    if (isStale) await load();
  };
  const changed = (): void => {
    if (phase !== "idle") {
      if (phase === "loading") phase = "stale";
      return;
    }
    phase = "loading";
    load().catch(failed);
  };
  const watch = new FileWatch(clock, changed, (error) =>
    tell(`A folder of the game cannot be watched, see GAME_RELOAD: ${String(error)}`),
  );
  watch.watch({ files, andTheirFolders: false });
  return () => {
    phase = "stopped";
    watch.stop();
  };
}

const problemOf = (loaded: LoadedGame, put: Reloading["put"]): string | null =>
  loaded.ok ? put(loaded.game, loaded.files) : loaded.problem;
