import type { Fence, LoginTicket } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";

export interface HeldAccount extends LoginTicket {
  readonly accountFence: Fence;
  readonly trace: string;
}

export interface OwnedPage {
  readonly accounts: readonly HeldAccount[];
  /** The next page begins at this place. Null: this was the last page. */
  readonly next: string | null;
}

/** A place between two pages consists of the index of the incarnation and the store's cursor within it. */
export const placeOf = (nth: number, cursor: string | null): string => `${nth}/${cursor ?? ""}`;

export const noPlace = () => new WireError("account.owned", "a place that no page ended at");

/** Reads a place that a char-server sent back. The text can be anything. */
export function readPlace(place: string): readonly [number, string | null] {
  const [, nth, cursor] = /^(\d{1,4})\/((?:\d{1,16}(?::account:\d{1,10})?)?)$/.exec(place) ?? [];
  if (nth === undefined) throw noPlace();
  return [Number(nth), cursor || null];
}
