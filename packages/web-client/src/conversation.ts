import type { DialogueAnswer, Ware } from "@sallyport/domain";
import type { GameEvent } from "@sallyport/sdk";

/* What an actor that is no player says and offers to this player alone. */

export interface Dialogue {
  readonly type: "dialogue";
  readonly actor: number;
  readonly name: string;
  /** What the actor has said since the last answer. */
  readonly said: readonly string[];
  /** `words`: the actor is about to say more. `close`: the dialogue is over, and the player still reads it. */
  readonly waitsFor: "words" | "next" | "choice" | "close";
  /** Empty unless the dialogue waits for a choice. */
  readonly choices: readonly string[];
  /** Whether the player has answered what was said, so that the next words replace it. */
  readonly isAnswered: boolean;
}

export interface Shop {
  readonly type: "shop";
  readonly actor: number;
  readonly name: string;
  readonly goods: readonly Ware[];
}

export type Conversation = Dialogue | Shop;

type ConversationEvent = Extract<GameEvent, { type: `dialogue.${string}` | "shop.offered" }>;

/** `name` is the name of the actor. */
export function hear(before: Conversation | null, event: ConversationEvent, name: string): Conversation {
  const { actor } = event;
  if (event.type === "shop.offered") return { type: "shop", actor, name, goods: event.goods };
  const isSame = before?.type === "dialogue" && before.actor === actor;
  const dialogue = isSame ? before : begin(actor, name);
  switch (event.type) {
    case "dialogue.said": {
      const goesOn = dialogue.waitsFor === "words" && !dialogue.isAnswered;
      const said = goesOn ? [...dialogue.said, event.text] : [event.text];
      return { ...begin(actor, name), said };
    }
    case "dialogue.asked":
      return { ...dialogue, waitsFor: "choice", choices: event.choices, isAnswered: false };
    case "dialogue.paused":
      return { ...dialogue, waitsFor: "next", choices: [], isAnswered: false };
    case "dialogue.ended":
      return { ...dialogue, waitsFor: "close", choices: [], isAnswered: false };
  }
}

const begin = (actor: number, name: string): Dialogue => ({
  type: "dialogue",
  actor,
  name,
  said: [],
  waitsFor: "words",
  choices: [],
  isAnswered: false,
});

/** Returns what is left of the conversation after an answer. Null if the answer ends it. */
export const answered = (conversation: Dialogue, { type }: DialogueAnswer): Dialogue | null =>
  type === "close" ? null : { ...conversation, waitsFor: "words", choices: [], isAnswered: true };
