import { resolve } from "node:path";
import { type MapInfo, misfitObjects } from "@sallyport/game-core";
import {
  about,
  countSetting,
  type Environment,
  flagSetting,
  optionalTextSetting,
  readSettings,
  SettingsInvalid,
} from "@sallyport/server-kit";
import { type LoadedGame, loadGame } from "./load-game.ts";

/** `reloads` is the default of `GAME_RELOAD`. */
export const gameSettings = (reloads: boolean) =>
  about("game", {
    module: optionalTextSetting(
      "GAME",
      "File with the module of the game, in TypeScript or JavaScript. If this setting is empty, there is no game: players walk and talk.",
    ),
    reloads: flagSetting(
      "GAME_RELOAD",
      "Whether the game is loaded anew when one of its files changes. Players stay. A module that does not load, or that does not fit a player, changes nothing.",
      reloads,
    ),
    stuckMs: countSetting(
      "GAME_STUCK_MS",
      "Milliseconds after which a call of a handler of the game counts as endless. Then the process writes a log line and ends. 0 lets handlers run for ever.",
      5_000,
      0,
      3_600_000,
    ),
  });

export type ReadGame = Extract<LoadedGame, { readonly ok: true }> & {
  readonly module: string;
  readonly reloads: boolean;
  readonly stuckMs: number;
};

/**
 * Loads the module of the game. Resolves to null if there is none. Rejects with `SettingsInvalid`, also if an
 * object of the hosted maps does not fit the game.
 */
export async function readGame(
  settings: ReturnType<typeof gameSettings>,
  environment: Environment,
  maps: Promise<{ readonly hosted: ReadonlyMap<string, MapInfo> }>,
): Promise<ReadGame | null> {
  const { module, ...rest } = readSettings(settings, environment);
  if (module === null) return null;
  const path = resolve(module);
  const loaded = await loadGame(path);
  if (!loaded.ok) throw new SettingsInvalid([`${settings.module.variable}: ${loaded.problem}`]);
  const { hosted } = await maps;
  const misfits = [...hosted.values()].flatMap((map) => misfitObjects(loaded.game, map));
  if (misfits.length > 0)
    throw new SettingsInvalid(misfits.map((misfit) => `${settings.module.variable}: ${misfit}`));
  return { ...loaded, ...rest, module: path };
}
