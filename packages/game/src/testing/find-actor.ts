import { distanceCells } from "@sallyport/domain";
import type { Game } from "@sallyport/game-core";
import type { RunningGame } from "@sallyport/map-server/testing";
import type { ActorId, Cell } from "@sallyport/map-world";

/** An actor of a map that is no player. */
export interface FoundActor<State = object> extends Cell {
  readonly id: ActorId;
  /** The name of its definition. */
  readonly name: string;
  readonly state: State;
}

export function actorsOn(running: RunningGame, game: Game): readonly FoundActor[] {
  const names = Object.keys(game.definition.actors ?? {});
  return running.inspect((it) => names.flatMap((name) => it.actors(name)));
}

export interface Finder extends Cell {
  readonly player: string;
  readonly map: string;
}

const listedMax = 6;

/** The nearest actor with this name, or the one with this id. Throws if there is none. */
export function findActor(
  actors: readonly FoundActor[],
  wanted: string | ActorId,
  { player, map, x, y }: Finder,
): FoundActor {
  const cellsTo = (actor: FoundActor): number => distanceCells({ x, y }, actor);
  const near = [...actors].sort((a, b) => cellsTo(a) - cellsTo(b) || a.id - b.id);
  const found = near.find(({ id, name }) => id === wanted || name === wanted);
  if (found !== undefined) return found;
  const what = typeof wanted === "number" ? `no actor ${wanted}` : `no "${wanted}"`;
  const listed = near.slice(0, listedMax).map((actor) => `${actor.name} at ${actor.x},${actor.y}`);
  const others = listed.length === 0 ? "there are no actors" : `nearest are ${listed.join(", ")}`;
  throw new Error(`${map} has ${what} for ${player}, who is at ${x},${y}; ${others}`);
}
