import { distanceCells } from "@sallyport/domain";
import type { ActorId, Cell } from "@sallyport/map-world";
import type { Mind } from "../definition/actor-definition.ts";
import type { Effect } from "./effect.ts";
import type { ActorEntry, MapState } from "./map-state.ts";
import type { At } from "./view.ts";

/**
 * Monsters act at multiples of this time. So a map with many monsters has few moments at which something is
 * due.
 */
const gridMs = 50;

const onGrid = (ms: number): number => Math.ceil(ms / gridMs) * gridMs;

interface HasMind {
  readonly kind: string;
  readonly mind?: Mind;
}

/** The first pause is random, so that monsters which appear together do not move together. */
export function firstThoughtMs(definition: HasMind, { nowMs, random }: At): number | null {
  return definition.mind === undefined ? null : onGrid(nowMs + random() * definition.mind.everyMs);
}

/**
 * When a monster acts that has rested since `dueMs`: in the rhythm that it had. Null if it has not rested. If all
 * acted as soon as a player enters, they would act together from then on.
 */
export function afterRestMs({ everyMs }: Mind, dueMs: number, nowMs: number): number | null {
  const periodMs = Math.max(everyMs, gridMs);
  const missed = Math.floor((nowMs - dueMs) / periodMs);
  return missed === 0 ? null : onGrid(dueMs + (missed + 1) * periodMs);
}

/** Lets a monster act, and returns when it acts again. */
export function think(
  state: MapState,
  at: At,
  actor: ActorEntry,
  mind: Mind,
): { readonly effects: readonly Effect[]; readonly nextMs: number } {
  const from = at.view.cellOf(actor.id) ?? actor.home;
  const to = chaseCell(state, at, from, mind) ?? wanderCell(at, actor, mind);
  const isMove = to !== null && (to.x !== from.x || to.y !== from.y);
  return {
    effects: isMove ? [{ type: "walk", actor: actor.id, to }] : [],
    nextMs: onGrid(at.nowMs + Math.max(mind.everyMs, gridMs)),
  };
}

/** The cell of the nearest player, or the own cell if it is beside the player. Null if no player is near. */
function chaseCell(state: MapState, at: At, from: Cell, { chases }: Mind): Cell | null {
  if (chases === undefined) return null;
  let nearest: { readonly id: ActorId; readonly cell: Cell; readonly cells: number } | null = null;
  for (const { id, x, y } of at.view.near(from, chases)) {
    if (!state.players.has(id as never)) continue;
    const cells = distanceCells(from, { x, y });
    const isNearer =
      nearest === null || cells < nearest.cells || (cells === nearest.cells && id < nearest.id);
    if (isNearer) nearest = { id, cell: { x, y }, cells };
  }
  if (nearest === null) return null;
  return nearest.cells <= 1 ? from : nearest.cell;
}

/** A random cell near home. Null if that cell is none to stand on; the monster then stays this time. */
function wanderCell(at: At, { home }: ActorEntry, { wanders }: Mind): Cell | null {
  const span = 2 * wanders + 1;
  const x = home.x - wanders + Math.floor(at.random() * span);
  const y = home.y - wanders + Math.floor(at.random() * span);
  return at.view.isWalkable(x, y) ? { x, y } : null;
}
