import type { Actor, ActorIds, ActorKind } from "@sallyport/domain";
import { beginner } from "./beginner.ts";

type Unit = Exclude<Actor, { readonly kind: "item" }>;
export type FloorItem = Extract<Actor, { readonly kind: "item" }>;

/** Clients know players by their account ids, and all other actors by their actor ids. */
export const idOf = ({ accountId, charId }: ActorIds): number => (accountId === 0 ? charId : accountId);

/** The kinds of units as clients count them, and the pictures of actors that have no class. */
const figures: { readonly [K in Exclude<ActorKind, "player" | "item">]: { kind: number; job: number } } = {
  npc: { kind: 6, job: 47 },
  monster: { kind: 5, job: 1_002 },
};
const unlikePlayers = { hairStyle: 0, hairColour: 0, sizeX: 0, sizeY: 0, level: 0, sex: "female" } as const;

/** The item that clients show if an item on the floor has no class. */
const usualItem = 909;

/** The fields of a unit that do not depend on where it is. */
export function unitOf(actor: Unit) {
  const { name, sex, stepMs: speed } = actor;
  const unit = { id: idOf(actor), speed, name };
  if (actor.kind === "player") return { ...unit, ...actor.looks, sex, level: beginner.level };
  const { kind, job } = figures[actor.kind];
  return { ...unit, ...unlikePlayers, kind, job: actor.looks.class ?? job };
}

export const itemOf = ({ looks }: FloorItem): number => looks.class ?? usualItem;
