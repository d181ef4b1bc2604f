import type { PlayerIt, Shape } from "@sallyport/game";
import { defineMessages } from "@sallyport/game/messages";
import { z } from "zod";

/*
 * What a game has for clients of the protocol 0.106 (seed 004): the attributes of their characters, and what
 * others see them do. Any game can take these parts into its definition, as the sample world does.
 */

const u8 = z.number().int().min(0).max(0xff);
const u16 = z.number().int().min(0).max(0xffff);
const slots = <T extends z.ZodType>(of: T, count: number) => z.array(of).length(count);
const pointsMax = 10_000_000;

/** Shown to everybody who sees the character. */
export const slimeLooksSchema = z.object({ body: u16, accessory1: u16, accessory2: u16 });

/** Shown to the character's own client. Slots are in the order of the protocol; 0 is an empty one. */
export const slimeSchema = z.object({
  points: z.number().int().min(0).max(pointsMax),
  hasSignature: z.boolean(),
  questId: u16,
  questStep: u8,
  treesPlanted: u16,
  objectsBuilt: u16,
  emotes: slots(u8, 5),
  outfits: slots(u16, 9),
  accessories: slots(u16, 9),
  items: slots(u16, 9),
  tools: slots(u8, 9),
});

export interface SlimeCharacter {
  readonly slime?: z.infer<typeof slimeSchema> | undefined;
  readonly slimeLooks?: z.infer<typeof slimeLooksSchema> | undefined;
}

const empty = (count: number): number[] => Array.from({ length: count }, () => 0);

/** A new character, as the seed makes it. */
export const newSlime = {
  slime: {
    ...{ points: 0, hasSignature: false, questId: 0, questStep: 0, treesPlanted: 0, objectsBuilt: 0 },
    ...{ emotes: empty(5), outfits: empty(9), accessories: empty(9), items: empty(9), tools: empty(9) },
  },
  slimeLooks: { body: 1, accessory1: 0, accessory2: 0 },
} as const satisfies SlimeCharacter;

/** By the numbers of the protocol: 1 to 13, and 0 for standing still. */
const direction = z.number().int().min(0).max(13);
const place = z.number().int().min(-0x8000).max(0xffff).nullable();
const keyMove = { direction, x: place, y: place };
const by = z.number().int();

export const slimeMessages = defineMessages({
  commands: {
    /** The player has logged in by the protocol. Its character gets its attributes if it has none. */
    "slime.come": z.object({}),
    "slime.move": z.object(keyMove),
    "slime.type": z.object({}),
    "slime.emote": z.object({ emote: u8 }),
  },
  events: {
    "slime.moved": z.object({ by, ...keyMove }),
    "slime.typed": z.object({ by }),
    "slime.emoted": z.object({ by, emote: u8, isDice: z.boolean() }),
  },
});

/** The part of a game that these commands need. */
interface WithSlimes extends Shape {
  readonly messages: typeof slimeMessages;
  readonly character: SlimeCharacter;
}
type It = PlayerIt<WithSlimes>;

/** This emote throws a die. What falls is one of six emotes, from `firstFace`. */
const dice = 13;
const firstFace = 14;

export const slimeCommands = {
  "slime.come"(it: It): void {
    if (it.character.slime === undefined) it.set(newSlime);
  },
  "slime.move"(it: It, move: { direction: number; x: number | null; y: number | null }): void {
    it.sendAll("slime.moved", { by: it.player.charId, ...move });
  },
  "slime.type"(it: It): void {
    it.sendAll("slime.typed", { by: it.player.charId });
  },
  "slime.emote"(it: It, { emote }: { emote: number }): void {
    const isDice = emote === dice;
    const shown = isDice ? firstFace + Math.floor(it.random() * 6) : emote;
    it.sendAll("slime.emoted", { by: it.player.charId, emote: shown, isDice });
  },
};
