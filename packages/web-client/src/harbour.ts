import type { messages } from "@sallyport/sample-world/messages";
import type { GameMessage, GameTypes } from "@sallyport/sdk";

/*
 * What the page knows of the sample world, beyond what it can show of any game. Only types of the sample world
 * are imported, so the page loads neither the game nor its schemas.
 */

interface Harbour extends GameTypes {
  readonly messages: typeof messages;
}
export type HarbourEvent = GameMessage<Harbour>;
type EventAt<Name> = Extract<HarbourEvent, { readonly name: Name }>["body"];
export type Ware = EventAt<"bag.used">["item"];
export type Item = Ware | "shell";

export interface UseCommand {
  readonly type: "send";
  readonly name: "bag.use";
  readonly input: { readonly item: Ware };
}

type Named<Field> = Field extends number ? "number" : "string";
const fields: {
  readonly [N in HarbourEvent["name"]]: {
    readonly [F in keyof EventAt<N>]: Named<EventAt<N>[F]>;
  };
} = {
  "bag.used": { by: "string", item: "string", text: "string" },
  "chest.opened": { gold: "number" },
  "sign.read": { visitors: "number" },
  "visitor.came": { visitors: "number" },
  "zone.entered": { title: "string" },
};

/** Null if the event is none of the sample world. Another game may have other events with the same names. */
export function harbourEvent(name: string, body: unknown): HarbourEvent | null {
  if (!Object.hasOwn(fields, name) || typeof body !== "object" || body === null) return null;
  const values = new Map<string, unknown>(Object.entries(body));
  const wanted = Object.entries(fields[name as HarbourEvent["name"]]);
  const fits = wanted.every(([field, type]) => typeof values.get(field) === type);
  return fits ? ({ type: "game.event", name, body } as HarbourEvent) : null;
}

const wares: Readonly<Record<Ware, true>> = { bread: true, rope: true, lantern: true };

/** A command of the sample world for a thing in the bag. Null if the page knows none. */
export const useOf = (key: string, item: string): UseCommand | null =>
  key === "bag" && Object.hasOwn(wares, item)
    ? { type: "send", name: "bag.use", input: { item: item as Ware } }
    : null;
