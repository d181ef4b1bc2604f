import type { ActorKind } from "@sallyport/domain";

/** What the page has a drawing of. */
export type Picture = "player" | "townsperson" | "chest" | "sign" | "monster" | "item";

/** What a button says that a player can do with an actor. `turn-to` fits whatever it is. */
export type Verb = "talk" | "open" | "read" | "take" | "turn-to";

export interface Looking {
  readonly kind: ActorKind;
  /** The number of its picture. 0 if it has none. */
  readonly class: number;
}

/* These numbers are those of Ragnarok clients, which have chests and signs for them too. */
const chest = 1324;
const sign = 837;

const ofKind: Readonly<Record<ActorKind, Picture>> = {
  player: "player",
  npc: "townsperson",
  monster: "monster",
  item: "item",
};

export function pictureOf({ kind, class: number }: Looking): Picture {
  if (kind === "npc" && number === chest) return "chest";
  if (kind === "npc" && number === sign) return "sign";
  return ofKind[kind];
}

const verbs: Readonly<Record<Picture, Verb>> = {
  player: "turn-to",
  townsperson: "talk",
  chest: "open",
  sign: "read",
  monster: "turn-to",
  item: "take",
};

/** An npc without a picture may be anything: a person, a door, a lever. */
export const verbFor = (actor: Looking): Verb =>
  actor.kind === "npc" && actor.class === 0 ? "turn-to" : verbs[pictureOf(actor)];
