import * as write from "../wire/client-packets.ts";
import type { RagnarokClient } from "./ragnarok-client.ts";

/** After each of these packets, it is the player's turn. */
const turns = ["ZC_WAIT_DIALOG", "ZC_MENU_LIST", "ZC_CLOSE_DIALOG", "ZC_SELECT_DEALTYPE"] as const;

/** Talks to one NPC. Each method sends what a player does, and waits until it is the player's turn again. */
export class NpcVisit {
  readonly #client: RagnarokClient;
  readonly #id: number;

  constructor(client: RagnarokClient, id: number) {
    this.#client = client;
    this.#id = id;
  }

  /** All lines that this NPC has said to the client and that the journal still keeps. */
  get lines(): readonly string[] {
    const said = this.#client.journal.packets("ZC_SAY_DIALOG");
    return said.filter(({ id }) => id === this.#id).map(({ text }) => text);
  }

  click() {
    return this.#untilTurn("click", write.clickNpc(this.#id));
  }

  next() {
    return this.#untilTurn("next", write.nextLines(this.#id));
  }

  /** `choice` counts from 1. */
  choose(choice: number) {
    return this.#untilTurn("choose", write.choose(this.#id, choice));
  }

  /** The server does not answer this. */
  close(): void {
    this.#client.send(write.closeDialogue(this.#id));
  }

  /** Shows what the NPC sells, after `ZC_SELECT_DEALTYPE`. */
  goods() {
    return this.#client.ask(write.deal(this.#id, "buy"), {
      what: "goods",
      types: ["ZC_PC_PURCHASE_ITEMLIST"],
    });
  }

  buy(goods: readonly write.Purchase[]) {
    return this.#client.ask(write.buy(goods), { what: "buy", types: ["ZC_PC_PURCHASE_RESULT"] });
  }

  #untilTurn(what: string, bytes: Buffer) {
    return this.#client.ask(bytes, { what, types: turns, isMeant: ({ id }) => id === this.#id });
  }
}
