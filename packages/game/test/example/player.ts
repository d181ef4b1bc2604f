import type { ShapeOf } from "@sallyport/game";
import { type Client, type ClientOptions, createClient, describeRefusal, type Game } from "@sallyport/sdk";
import type harbour from "./game.ts";
import { messages } from "./messages.ts";

/** Only its types: a client does not load the game. */
export type Harbour = ShapeOf<typeof harbour>;

export const harbourClient = (transport: Pick<ClientOptions, "connect" | "login">): Client<Harbour> =>
  createClient<Harbour>({ ...transport, messages });

export function showGold(game: Game<Harbour>, show: (text: string) => void): void {
  game.onEvent("chest.opened", ({ gold }) => show(`${gold} gold, now ${game.character.gold}`));
}

/** Returns what to tell the player. */
export async function openChest(game: Game<Harbour>, chest: number): Promise<string> {
  const answer = await game.send("chest.open", { chest });
  if (answer.ok) return "It is open.";
  return answer.refusal === "refused" ? answer.word : describeRefusal(answer.refusal);
}
