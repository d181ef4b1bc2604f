import type { DialogueAnswer } from "@sallyport/domain";
import type { GameEvent } from "@sallyport/sdk";
import { isNamed } from "./key-input.ts";
import type { Key } from "./keys.ts";
import type { Command, Talk } from "./state.ts";

/* What an actor says and offers to the player, from the first words until the player closes it. */

type TalkEvent = Extract<GameEvent, { type: `dialogue.${string}` | "shop.offered" }>;

/** The keys 1 to 9 choose an entry of the page. Tab turns the page. */
export const pageEntries = 9;

const beginning = (actor: number): Talk => ({
  ...{ actor, said: [], choices: [], goods: [], page: 0, waitsFor: "words" },
});

export function hear(talk: Talk | null, event: TalkEvent): Talk | null {
  const { actor } = event;
  const now = talk?.actor === actor ? talk : beginning(actor);
  switch (event.type) {
    case "dialogue.said":
      return { ...now, said: [...now.said, ...event.text.split("\n")] };
    case "dialogue.asked":
      return { ...now, choices: event.choices, page: 0, waitsFor: "choice" };
    case "dialogue.paused":
      return { ...now, waitsFor: "next" };
    case "dialogue.ended":
      // A dialogue that the player has closed ends here, too.
      return talk?.actor === actor ? { ...talk, choices: [], waitsFor: "nothing" } : talk;
    case "shop.offered":
      return {
        ...now,
        goods: event.goods,
        page: 0,
        waitsFor: now.waitsFor === "words" ? "nothing" : now.waitsFor,
      };
  }
}

/** The choices or, if the dialogue waits for none, the goods. */
export const entriesOf = ({ waitsFor, choices, goods }: Talk): readonly string[] =>
  waitsFor === "choice" ? choices : goods.map(({ name, price }) => `${name}, ${price}`);

export interface TalkStep {
  readonly talk: Talk | null;
  readonly command: Command | null;
}

/** Null if the key means nothing in a talk. */
export function talkKey(talk: Talk, key: Key): TalkStep | null {
  const { actor, page, waitsFor, goods } = talk;
  const entries = entriesOf(talk);
  const answer = (given: DialogueAnswer): Command => ({ type: "answer", actor, answer: given });
  const waits: Talk = { ...beginning(actor), goods };
  if (isNamed(key, "escape")) {
    return { talk: null, command: waitsFor === "nothing" ? null : answer({ type: "close" }) };
  }
  if (isNamed(key, "tab") && entries.length > pageEntries) {
    return { talk: { ...talk, page: (page + 1) % Math.ceil(entries.length / pageEntries) }, command: null };
  }
  if (isNamed(key, "enter") || (key.type === "text" && key.text === " ")) {
    if (waitsFor === "next") return { talk: waits, command: answer({ type: "next" }) };
    return waitsFor === "nothing" ? { talk: null, command: null } : { talk, command: null };
  }
  const index =
    key.type === "text" && /^[1-9]$/.test(key.text) ? page * pageEntries + Number(key.text) - 1 : -1;
  if (index < 0 || index >= entries.length) return null;
  if (waitsFor === "choice") return { talk: waits, command: answer({ type: "choice", index }) };
  const ware = goods[index];
  return ware === undefined
    ? null
    : { talk, command: { type: "buy", actor, item: ware.item, name: ware.name } };
}
