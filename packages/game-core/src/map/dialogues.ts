import type { CharId } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";
import type { NpcDefinition, Page } from "../definition/actor-definition.ts";
import { pageProblem } from "../definition/check-dialogue.ts";
import type { AnyShape } from "../definition/game.ts";
import { GameError } from "../schema/validate.ts";
import { endDialogue } from "./end-dialogue.ts";
import type { Recorder } from "./recorder.ts";

type Pages = NonNullable<NpcDefinition<AnyShape, string>["dialogue"]>;

/** Shows a player a page of a dialogue. The dialogue ends if the page is null, or nothing can follow. */
export function showPage(it: Recorder, pages: Pages, name: string | null): void {
  const { transaction, subject } = it;
  const { charId, actor } = subject as { readonly charId: CharId; readonly actor: ActorId };
  const page = name === null ? null : pageOf(it, pages, name);
  if (page === null) return endDialogue(transaction, charId);
  const about = { charId, actor };
  const { journal, state } = transaction;
  // The page has removed the actor, and so ended the dialogue.
  if (!state.actors.has(actor)) return;
  transaction.add({ type: "dialogue.said", ...about, text: page.says });
  if (page.choices !== undefined) {
    transaction.add({ type: "dialogue.asked", ...about, choices: Object.keys(page.choices) });
    const awaits = { type: "choice", pages: Object.values(page.choices) } as const;
    journal.put(state.dialogues, charId, { actor, awaits });
  } else if (page.then !== undefined) {
    transaction.add({ type: "dialogue.paused", ...about });
    journal.put(state.dialogues, charId, { actor, awaits: { type: "next", then: page.then } });
  } else {
    journal.drop(state.dialogues, charId);
    transaction.add({ type: "dialogue.ended", ...about });
  }
}

function pageOf(it: Recorder, pages: Pages, name: string): Page | null {
  const made = pages[name];
  const page = typeof made === "function" ? made(it as never) : (made ?? null);
  const problem = page === null ? null : pageProblem(page, pages);
  if (problem !== null) throw new GameError(`the page ${name} ${problem}`);
  return page;
}
