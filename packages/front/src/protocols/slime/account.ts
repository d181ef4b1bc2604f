import type { Scene } from "../../protocol.ts";

/*
 * The character as its client is told at the login. It comes from what the game shows of it: `slime` to its own
 * client, and `slimeLooks` to all. A game without them has only new characters: see docs/games.md.
 */

export interface Looks {
  readonly body: number;
  readonly accessory1: number;
  readonly accessory2: number;
}

/** The attributes of a character. Slots are in the order of the protocol; 0 is an empty one. */
export interface SlimeCharacter {
  readonly looks: Looks;
  /** At most 10 million. */
  readonly points: number;
  readonly hasSignature: boolean;
  readonly questId: number;
  readonly questStep: number;
  readonly treesPlanted: number;
  readonly objectsBuilt: number;
  /** 5 slots, unsigned 8-bit. */
  readonly emotes: readonly number[];
  /** 9 slots each, unsigned 16-bit. */
  readonly outfits: readonly number[];
  readonly accessories: readonly number[];
  readonly items: readonly number[];
  /** 9 slots, unsigned 8-bit. */
  readonly tools: readonly number[];
}

/** The time of the game is that of the day, in UTC. */
export interface GameMoment {
  readonly unixSeconds: number;
  /** 1 is Sunday, 7 is Saturday. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

export interface Account {
  readonly moment: GameMoment;
  readonly motd: string;
  readonly pid: number;
  readonly name: string;
  readonly room: number;
  readonly x: number;
  readonly y: number;
  readonly character: SlimeCharacter;
}

export function gameMoment(wallMs: number): GameMoment {
  const at = new Date(wallMs);
  return {
    unixSeconds: Math.floor(wallMs / 1_000),
    day: at.getUTCDay() + 1,
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
  };
}

const [u8Max, u16Max, pointsMax] = [0xff, 0xffff, 10_000_000];
const [emoteSlots, otherSlots] = [5, 9];

type Shown = Scene["character"];

/** What a game shows can be anything. A value that is no number of this size counts as `otherwise`. */
const numberIn = (shown: Shown, key: string, most: number, otherwise = 0): number =>
  whole(shown[key], most) ?? otherwise;
const whole = (value: unknown, most: number): number | null =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most ? value : null;

function slotsIn(shown: Shown, key: string, count: number, most: number): readonly number[] {
  const given: readonly unknown[] = Array.isArray(shown[key]) ? shown[key] : [];
  return Array.from({ length: count }, (_, nth) => whole(given[nth], most) ?? 0);
}

const under = (shown: Shown, key: string): Shown => {
  const value = shown[key];
  return typeof value === "object" && value !== null ? (value as Shown) : {};
};

/** If the game says nothing of it, a character has the body 1 and no accessories. */
export function looksIn(shown: Shown): Looks {
  const looks = under(shown, "slimeLooks");
  return {
    body: numberIn(looks, "body", u16Max, 1),
    accessory1: numberIn(looks, "accessory1", u16Max),
    accessory2: numberIn(looks, "accessory2", u16Max),
  };
}

export function characterIn(shown: Shown): SlimeCharacter {
  const slime = under(shown, "slime");
  return {
    looks: looksIn(shown),
    points: numberIn(slime, "points", pointsMax),
    hasSignature: slime["hasSignature"] === true,
    questId: numberIn(slime, "questId", u16Max),
    questStep: numberIn(slime, "questStep", u8Max),
    treesPlanted: numberIn(slime, "treesPlanted", u16Max),
    objectsBuilt: numberIn(slime, "objectsBuilt", u16Max),
    emotes: slotsIn(slime, "emotes", emoteSlots, u8Max),
    outfits: slotsIn(slime, "outfits", otherSlots, u16Max),
    accessories: slotsIn(slime, "accessories", otherSlots, u16Max),
    items: slotsIn(slime, "items", otherSlots, u16Max),
    tools: slotsIn(slime, "tools", otherSlots, u8Max),
  };
}
