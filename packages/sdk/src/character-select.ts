import { accepted, type CharDoor, type CharId, type Outcome } from "@sallyport/domain";
import type { Client, HandedOver } from "./client.ts";
import type { ConnectionEnd, DoorAddress } from "./connection.ts";
import type { CharConnection } from "./doors.ts";
import type { EnterMapRefusal, Game } from "./game.ts";
import type { AnswerAt, RefusalFor } from "./refusals.ts";
import type { CharacterSummary } from "./told.ts";

export type EnterWorldRefusal = RefusalFor<CharDoor, "char.enter"> | "unreachable";
export type ChooseRefusal = RefusalFor<CharDoor, "char.choose"> | EnterMapRefusal;

/** The char door, open. It ends by `choose`, by `leave`, or by what `closed` tells. */
export class CharacterSelect {
  readonly closed: Promise<ConnectionEnd>;
  readonly slotCount: number;
  readonly #client: Client;
  readonly #connection: CharConnection;
  readonly #world: DoorAddress;
  #characters: readonly CharacterSummary[];

  constructor(
    client: Client,
    connection: CharConnection,
    world: DoorAddress,
    entered: Pick<CharacterSelect, "characters" | "slotCount">,
  ) {
    this.#client = client;
    this.#connection = connection;
    this.#world = world;
    this.#characters = entered.characters;
    this.slotCount = entered.slotCount;
    this.closed = connection.closed;
  }

  /** By slot; kept up to date by `create` and `delete`. */
  get characters(): readonly CharacterSummary[] {
    return [...this.#characters].sort((a, b) => a.slot - b.slot);
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  async create(wish: {
    readonly slot: number;
    readonly name: string;
  }): Promise<Outcome<CharacterSummary, RefusalFor<CharDoor, "char.create">>> {
    const { slot, name } = wish;
    const created = await this.#connection.ask({ type: "char.create", slot, name });
    if (created.ok) this.#characters = [...this.#characters, created.value];
    return created;
  }

  /** For good. */
  async delete(charId: CharId): Promise<AnswerAt<CharDoor, "char.delete">> {
    const deleted = await this.#connection.ask({ type: "char.delete", charId });
    if (deleted.ok) this.#characters = this.#characters.filter((each) => each.charId !== charId);
    return deleted;
  }

  /** Goes on to the map. Where the choice itself is refused, this stays open and another may be made. */
  async choose(charId: CharId): Promise<Outcome<Game, ChooseRefusal>> {
    const handedOver = await this.handOver(charId);
    return handedOver.ok ? this.#client.enterMap(handedOver.value) : handedOver;
  }

  /** The choice alone; `Client.enterMap` is the step after it. */
  async handOver(charId: CharId): Promise<Outcome<HandedOver, RefusalFor<CharDoor, "char.choose">>> {
    const chosen = await this.#connection.ask({ type: "char.choose", charId });
    if (!chosen.ok) return chosen;
    this.#connection.close();
    return accepted({ ...chosen.value, world: this.#world });
  }

  /** Gives the account back; the login ids are then of no more use. */
  leave(): void {
    this.#connection.close();
  }

  /** As if the network had been cut. */
  destroy(): void {
    this.#connection.destroy();
  }
}
