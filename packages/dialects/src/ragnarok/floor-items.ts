import type { Actor } from "@sallyport/domain";
import { takeCodes } from "./codes.ts";
import { itemOf } from "./units.ts";

export const notTaken = (why: keyof typeof takeCodes) => ({
  index: 0,
  amount: 0,
  item: 0,
  code: takeCodes[why],
});
/** Servers have no list of belongings yet. So the number of an item tells it apart from others. */
export const takenItem = (item: number) => ({ index: item, amount: 1, item, code: 0 });

/** The items on the floor that one client is shown, and the one that it is about to pick up. */
export class FloorItems {
  /** The number of each item, by actor id. Most clients see no items, so the table is made for the first. */
  #items: Map<number, number> | null = null;
  #taken: number | null = null;

  /** Clients send one request to pick up an item at a time. */
  get isTaking(): boolean {
    return this.#taken !== null;
  }

  appear(actor: Actor): void {
    if (actor.kind !== "item") return;
    this.#items ??= new Map();
    this.#items.set(actor.charId, itemOf(actor));
  }

  /** Returns false if this actor is no item that the client is shown. */
  vanish(id: number): boolean {
    return this.#items?.delete(id) ?? false;
  }

  /** Returns false if the client is shown no such item. */
  take(id: number): boolean {
    this.#taken = this.#items?.get(id) ?? null;
    return this.isTaking;
  }

  /** Returns the item of the last `take`. It may have vanished since then. */
  endTaking(): number {
    const taken = this.#taken ?? 0;
    this.#taken = null;
    return taken;
  }

  /** Call this method when the client goes to another map. */
  forget(): void {
    this.#items = null;
  }
}
