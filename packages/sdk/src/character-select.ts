import { accepted, type CharDoor, type CharId, type Outcome } from "@sallyport/domain";
import type { Client, HandedOver } from "./client.ts";
import type { ConnectionEnd, DoorAddress } from "./connection.ts";
import type { CharConnection } from "./doors.ts";
import type { EnterMapRefusal, Game } from "./game.ts";
import type { AnswerAt, RefusalFor } from "./refusals.ts";
import type { CharacterSummary } from "./told.ts";

export type EnterWorldRefusal = RefusalFor<CharDoor, "char.enter"> | "unreachable";
export type ChooseRefusal = RefusalFor<CharDoor, "char.choose"> | EnterMapRefusal;

/** An open connection to the char door. It ends with `choose`, `leave`, or when `closed` resolves. */
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

  /** Sorted by slot; `create` and `delete` keep the list up to date. */
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

  /** Deletes the character for good. */
  async delete(charId: CharId): Promise<AnswerAt<CharDoor, "char.delete">> {
    const deleted = await this.#connection.ask({ type: "char.delete", charId });
    if (deleted.ok) this.#characters = this.#characters.filter((each) => each.charId !== charId);
    return deleted;
  }

  /**
   * Goes on to the map. If the server refuses the choice, this stays open and the client may choose again.
   */
  async choose(charId: CharId): Promise<Outcome<Game, ChooseRefusal>> {
    const handedOver = await this.handOver(charId);
    return handedOver.ok ? this.#client.enterMap(handedOver.value) : handedOver;
  }

  /** Makes the choice and no more; `Client.enterMap` is the next step. */
  async handOver(charId: CharId): Promise<Outcome<HandedOver, RefusalFor<CharDoor, "char.choose">>> {
    const chosen = await this.#connection.ask({ type: "char.choose", charId });
    if (!chosen.ok) return chosen;
    this.#connection.close();
    return accepted({ ...chosen.value, world: this.#world });
  }

  /** Gives the account back; the login ids are useless from then on. */
  leave(): void {
    this.#connection.close();
  }

  /** Drops the connection without a farewell, as a network failure would. */
  destroy(): void {
    this.#connection.destroy();
  }
}
