import { type CharId, distanceCells, type JsonObject } from "@sallyport/domain";
import type { ActorId, Cell } from "@sallyport/map-world";
import { merged } from "../character/json.ts";
import type { ActorDefinition } from "../definition/actor-definition.ts";
import type { AnyShape, Game } from "../definition/game.ts";
import { GameError } from "../schema/validate.ts";
import { endDialogue } from "./end-dialogue.ts";
import type { MapState } from "./map-state.ts";
import { firstThoughtMs } from "./minds.ts";
import type { Transaction } from "./transaction.ts";

/** How near a player must be to click or take an actor, unless the definition says otherwise. */
const reachCellsDefault = 5;
/** How many actors one map can have that are no players. */
const actorsMax = 4_096;

export type AnyActor = ActorDefinition<AnyShape, string>;

export function actorNamed({ definition }: Game, name: string): AnyActor | undefined {
  const actors = definition.actors;
  return actors !== undefined && Object.hasOwn(actors, name) ? actors[name] : undefined;
}

export interface Spawned {
  readonly name: string;
  readonly cell: Cell;
  readonly state?: object;
  readonly properties?: JsonObject;
}

export function spawn(
  transaction: Transaction,
  { name, cell, state = {}, properties = {} }: Spawned,
): ActorId {
  const { state: map, journal, at } = transaction;
  const definition = actorNamed(map.game, name);
  if (definition === undefined) throw new GameError(`spawn: the game has no actors.${name}`);
  if (!at.view.isWalkable(cell.x, cell.y)) {
    throw new GameError(`spawn: ${cell.x},${cell.y} on ${map.map.name} is no cell to stand on`);
  }
  if (map.actors.size >= actorsMax) throw new GameError(`spawn: the map has ${actorsMax} actors already`);
  const id = map.newActorId();
  const home = { x: cell.x, y: cell.y };
  const first = merged(definition.state ?? {}, state, `spawn: the state of ${name}`);
  journal.put(map.actors, id, { id, name, home, state: first, properties });
  const thoughtMs = firstThoughtMs(definition, at);
  if (thoughtMs !== null) journal.put(map.minds, id, thoughtMs);
  transaction.add({ type: "spawn", actor: id, cell: home, ...looksOf(definition) });
  return id;
}

function looksOf({ kind, name, class: picture }: AnyActor) {
  return picture === undefined ? { kind, name } : { kind, name, class: picture };
}

export function remove(transaction: Transaction, id: ActorId): void {
  const { state, journal } = transaction;
  if (!state.actors.has(id)) return;
  for (const [charId, { actor }] of [...state.dialogues]) if (actor === id) endDialogue(transaction, charId);
  for (const [charId, actor] of [...state.shops]) if (actor === id) journal.drop(state.shops, charId);
  journal.drop(state.minds, id);
  journal.drop(state.contacts, id);
  journal.drop(state.actors, id);
  transaction.add({ type: "despawn", actor: id });
}

/** Whether the player is near enough to click the actor, to take it, or to talk to it. */
export function isInReach(state: MapState, cells: CellsOf, charId: CharId, id: ActorId): boolean {
  const actor = state.actors.get(id);
  const [here, there] = [cells.cellOf(charId), cells.cellOf(id) ?? actor?.home];
  if (actor === undefined || here === undefined || there === undefined) return false;
  const reachCells = actorNamed(state.game, actor.name)?.reachCells ?? reachCellsDefault;
  return distanceCells(here, there) <= reachCells;
}

interface CellsOf {
  cellOf(id: number): Cell | undefined;
}
