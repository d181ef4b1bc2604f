import type { Json } from "@sallyport/domain";
import { applyChange, type CallWatch, type Game, loadWorld } from "@sallyport/game-core";
import type { Parsed } from "../world-state.ts";
import type { WorldStateDefinitions } from "../world-states.ts";

export interface ChangesRun {
  /** Learns of each change. */
  readonly calls?: CallWatch;
  /** See `PlayedGameOptions`. */
  readonly forLog?: (error: unknown) => unknown;
}

/** The states of the world that a game has, as `WorldStates` needs them. */
export function worldDefinitionsOf(
  game: Game,
  { calls, forLog = (error) => error }: ChangesRun = {},
): WorldStateDefinitions {
  const world = Object.entries(game.definition.world ?? {});
  return Object.fromEntries(
    world.map(([key, { initial, changes = {} }]) => [
      key,
      {
        initial: initial as Json,
        parse: (value: Json): Parsed => parse(game, key, value, calls),
        changes: Object.fromEntries(
          Object.keys(changes).map((change) => [
            change,
            (state: Json, input: Json): Json => {
              try {
                return applyChange(game, { key, change, input }, state, calls);
              } catch (error) {
                throw forLog(error);
              }
            },
          ]),
        ),
      },
    ]),
  );
}

function parse(game: Game, key: string, value: Json, calls: CallWatch | undefined): Parsed {
  try {
    return { ok: true, value: loadWorld(game, key, value, calls) as Json };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}
