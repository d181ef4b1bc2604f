import type { JsonObject } from "@sallyport/domain";
import { type Character, earned } from "@sallyport/sample-world";
import type { Checker, Rules } from "./checker.ts";

/**
 * The gold and the bag of a character are what its chests, its quest, its purchases and its shells say: in the
 * database, and in what its client is shown. What it opened stays opened, and no item is taken twice.
 */
export class Belongings implements Checker {
  readonly name = "belongings";
  readonly #opened = new Map<number, readonly string[]>();
  readonly #taken = new Set<string>();

  readonly rules: Rules = {
    saved: ({ charId, attributes }) => {
      const state = characterIn(attributes);
      if (state === null) return null;
      const before = this.#opened.get(charId) ?? [];
      const { opened } = state.diary;
      this.#opened.set(charId, opened);
      const closed = before.find((chest) => !opened.includes(chest));
      if (closed !== undefined)
        return `character ${charId} opened the chest ${closed}, and it is closed again`;
      return judge(`character ${charId} is stored with`, state);
    },
    taken: ({ charId, attributes }) => {
      const state = characterIn(attributes);
      return state === null ? null : judge(`character ${charId} was loaded with`, state);
    },
    "client-shown": ({ charId, state }) =>
      judge(`the client of character ${charId} is shown`, state as unknown as Character),
    "item-taken": ({ life, actor }) => {
      const item = `${life} ${actor}`;
      if (this.#taken.has(item)) return `the item ${actor} of ${life} was taken twice`;
      this.#taken.add(item);
      return null;
    },
  };
}

/** Null if the game has not loaded this character yet. */
const characterIn = (attributes: JsonObject): Character | null =>
  attributes["$version"] === undefined ? null : (attributes as unknown as Character);

function judge(whose: string, state: Character): string | null {
  const { gold, bag } = earned(state);
  if (state.gold !== gold) return `${whose} ${state.gold} gold, and earned ${gold}`;
  const [item] =
    Object.entries(bag).find(([name, pieces]) => state.bag[name as keyof typeof bag] !== pieces) ?? [];
  return item === undefined ? null : `${whose} ${JSON.stringify(state.bag)}, and got ${JSON.stringify(bag)}`;
}
