import type { Clock } from "@sallyport/sdk";
import type { Item } from "../wire/packet-stream.ts";
import type { Door, PacketOf, ServerPacket } from "../wire/server-packets.ts";

export type Entry = {
  readonly door: Door;
  /** The number of the client's connection, from 1. */
  readonly connection: number;
} & (
  | Item
  | { readonly kind: "opened"; readonly host: string; readonly port: number }
  | { readonly kind: "closed"; readonly by: "client" | "server"; readonly detail: string }
);

/** A wait that failed: the connection ended first, or the time was over. */
export class InVain extends Error {
  override readonly name = "InVain";
  readonly why: "closed" | "timed-out";

  constructor(why: "closed" | "timed-out", message: string) {
    super(message);
    this.why = why;
  }
}

export interface Wait {
  readonly what: string;
  readonly withinMs: number;
  /** Returns a reason if this entry ends the wait early. */
  readonly gaveUp?: (entry: Entry) => string | null;
}

/** Keeps the newest events of a client. Callers can wait for an event. */
export class Journal {
  readonly #clock: Clock;
  readonly #entriesMax: number;
  readonly #listeners = new Set<(entry: Entry) => void>();
  #entries: Entry[] = [];

  constructor(clock: Clock, entriesMax: number) {
    this.#clock = clock;
    this.#entriesMax = entriesMax;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** All packets of one type that are still kept. */
  packets<Type extends ServerPacket["type"]>(type: Type): PacketOf<Type>[] {
    return this.#entries.flatMap((entry) =>
      entry.kind === "packet" && entry.packet.type === type ? [entry.packet as PacketOf<Type>] : [],
    );
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#entriesMax * 2) this.#entries = this.#entries.slice(-this.#entriesMax);
    for (const listener of [...this.#listeners]) listener(entry);
  }

  /** Waits for the first new entry in which `find` finds something. */
  next<Found>(find: (entry: Entry) => Found | undefined, wait: Wait): Promise<Found> {
    return this.#wait(wait, (entry) => (entry === null ? undefined : find(entry)));
  }

  /**
   * Waits until the condition gives a value. The condition is checked at once, and again after each entry.
   */
  until<Found>(condition: () => Found | undefined | null | false, wait: Wait): Promise<Found> {
    return this.#wait(wait, () => condition() || undefined);
  }

  #wait<Found>(
    { what, withinMs, gaveUp }: Wait,
    look: (entry: Entry | null) => Found | undefined,
  ): Promise<Found> {
    return new Promise((resolve, reject) => {
      const already = look(null);
      if (already !== undefined) return resolve(already);
      const settle = (run: () => void): void => {
        cancel();
        this.#listeners.delete(listen);
        run();
      };
      const listen = (entry: Entry): void => {
        const found = look(entry);
        if (found !== undefined) return settle(() => resolve(found));
        const over = gaveUp?.(entry) ?? null;
        if (over !== null) settle(() => reject(new InVain("closed", `${what}: ${over}`)));
      };
      const cancel = this.#clock.after(withinMs, () =>
        settle(() => reject(new InVain("timed-out", `${what}: nothing in ${withinMs} ms`))),
      );
      this.#listeners.add(listen);
    });
  }
}
