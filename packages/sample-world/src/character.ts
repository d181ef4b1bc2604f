import { z } from "zod";
import { bagMax, gifts, type ItemName, itemName, prices, questShells, wareName } from "./goods.ts";
import { slimeLooksSchema, slimeSchema } from "./slime.ts";

const count = z.number().int().min(0);
const bag = z.record(itemName, count);
export type Bag = z.infer<typeof bag>;

export const characterSchema = z.object({
  gold: count,
  bag,
  quest: z.enum(["none", "asked", "done"]),
  title: z.string().max(40).optional(),
  /** What the character did. Its gold and its bag follow from this: see `earned`. */
  diary: z.object({
    /** The names of the chests that it opened. */
    opened: z.array(z.string()),
    found: count,
    lost: count,
    bought: z.record(wareName, count),
    used: z.record(wareName, count),
  }),
  /** Whether it is counted as a visitor. */
  isCounted: z.boolean(),
  /** How often it said something. */
  lines: count,
  /** Only characters have these that a slime client has played. */
  slime: slimeSchema.optional(),
  slimeLooks: slimeLooksSchema.optional(),
});
export type Character = z.infer<typeof characterSchema>;

const noWares = { bread: 0, rope: 0, lantern: 0 };

export const newcomer: Character = {
  gold: gifts.start,
  bag: { ...noWares, shell: 0 },
  quest: "none",
  diary: { opened: [], found: 0, lost: 0, bought: noWares, used: noWares },
  isCounted: false,
  lines: 0,
};

/** Adds pieces, or removes them if `pieces` is negative. */
export function changed<Counts extends { readonly [item: string]: number }>(
  counts: Counts,
  item: keyof Counts & string,
  pieces: number,
): Counts {
  return { ...counts, [item]: (counts[item] ?? 0) + pieces };
}

export const hasRoom = (of: Readonly<Bag>, pieces: number): boolean =>
  Object.values(of).reduce((sum, each) => sum + each, pieces) <= bagMax;

/** The gold and the bag of a character that did all this. */
export function earned({
  diary,
  quest,
}: Pick<Character, "diary" | "quest">): Pick<Character, "gold" | "bag"> {
  const { opened, found, lost, bought, used } = diary;
  const isDone = quest === "done";
  const spent = wareName.options.reduce((sum, ware) => sum + prices[ware] * bought[ware], 0);
  const pieces = (item: ItemName): number =>
    item === "shell" ? found - lost - (isDone ? questShells : 0) : bought[item] - used[item];
  return {
    gold: gifts.start + gifts.chest * new Set(opened).size + (isDone ? gifts.quest : 0) - spent,
    bag: Object.fromEntries(itemName.options.map((item) => [item, pieces(item)])) as Bag,
  };
}
