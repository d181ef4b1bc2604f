import type { CharId } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";
import { actorNamed } from "./actors.ts";
import type { Effect } from "./effect.ts";
import type { MapState } from "./map-state.ts";
import { Recorder } from "./recorder.ts";
import { runHandler } from "./run-handler.ts";
import type { At } from "./view.ts";

/** A monster touches players on the same and on neighbouring cells. */
const touchCells = 1;

/**
 * Runs `touched` for each monster and player that come together by this step of one of them. It runs again
 * only after they have parted.
 */
export function feelTouches(state: MapState, stepped: CharId | ActorId, at: At): readonly Effect[] {
  const cell = state.hasTouches ? at.view.cellOf(stepped) : undefined;
  if (cell === undefined) return [];
  const near = at.view.near(cell, touchCells).map(({ id }) => id);
  return state.players.has(stepped as CharId)
    ? touchedBy(state, at, stepped as CharId, near)
    : state.actors.has(stepped)
      ? touch(state, at, stepped, near)
      : [];
}

/** A player stepped: monsters near it touch it. */
function touchedBy(state: MapState, at: At, charId: CharId, near: readonly number[]): readonly Effect[] {
  for (const [monster, touched] of state.contacts) {
    if (touched.has(charId) && !near.includes(monster)) setContact(state.contacts, monster, charId, false);
  }
  return near.filter((id) => state.actors.has(id)).flatMap((id) => meet(state, at, id, charId));
}

/** A monster stepped: it touches players near it. */
function touch(state: MapState, at: At, monster: ActorId, near: readonly number[]): readonly Effect[] {
  for (const charId of state.contacts.get(monster) ?? []) {
    if (!near.includes(charId)) setContact(state.contacts, monster, charId, false);
  }
  const players = near.filter((id) => state.players.has(id as CharId)) as CharId[];
  return players.flatMap((charId) => meet(state, at, monster, charId));
}

function meet(state: MapState, at: At, actor: ActorId, charId: CharId): readonly Effect[] {
  // An earlier touch of the same step may have removed the monster.
  const entry = state.actors.get(actor);
  const definition = entry && actorNamed(state.game, entry.name);
  if (entry === undefined || definition?.kind !== "monster" || definition.touched === undefined) return [];
  if (state.contacts.get(actor)?.has(charId)) return [];
  setContact(state.contacts, actor, charId, true);
  const ran = runHandler(state, at, `actors.${entry.name}.touched`, (transaction) =>
    definition.touched?.(new Recorder(transaction, { charId, actor })),
  );
  return ran.type === "refused" ? [] : ran.effects;
}

function setContact(contacts: MapState["contacts"], monster: ActorId, charId: CharId, isOn: boolean): void {
  const touched = new Set(contacts.get(monster));
  if (isOn) touched.add(charId);
  else touched.delete(charId);
  if (touched.size === 0) contacts.delete(monster);
  else contacts.set(monster, touched);
}

export function forgetContacts(contacts: MapState["contacts"], charId: CharId): void {
  for (const [monster, touched] of contacts) {
    if (touched.has(charId)) setContact(contacts, monster, charId, false);
  }
}
