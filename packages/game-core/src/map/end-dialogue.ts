import type { CharId } from "@sallyport/domain";
import type { Transaction } from "./transaction.ts";

/** Ends the dialogue of a player, if there is one. */
export function endDialogue(transaction: Transaction, charId: CharId): void {
  const { state, journal } = transaction;
  const dialogue = state.dialogues.get(charId);
  if (dialogue === undefined) return;
  journal.drop(state.dialogues, charId);
  transaction.add({ type: "dialogue.ended", charId, actor: dialogue.actor });
}
