import { packCommand, readEvent } from "@sallyport/game/messages";
import { messages } from "./messages.ts";

/** The body of a `game.command` that opens a chest. */
export const openChest = (chest: number): Uint8Array => packCommand(messages, "chest.open", { chest });

/** Reads the body of a `game.event`. */
export function goldIn(body: Uint8Array): number {
  const event = readEvent(messages, "chest.opened", body);
  return event.ok ? event.value.gold : 0;
}
