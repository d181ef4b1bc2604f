import { FairTurns } from "./fair-turns.ts";

export interface AddressTurnsOptions {
  readonly atOnce: number;
  readonly waitingMax: number;
}

/** Turns for each address. An address that has none under way and none waiting needs no memory. */
export class AddressTurns {
  readonly #options: AddressTurnsOptions;
  readonly #turns = new Map<string, FairTurns>();

  constructor(options: AddressTurnsOptions) {
    this.#options = options;
  }

  /** Returns true when it is the turn of this caller, which then has to call `give`. */
  async take(address: string, signal: AbortSignal): Promise<boolean> {
    const { atOnce, waitingMax } = this.#options;
    const turns =
      this.#turns.get(address) ?? new FairTurns({ atOnce, waitingMax, waitingPerSourceMax: waitingMax });
    this.#turns.set(address, turns);
    const turn = await turns.take("", signal);
    if (turn !== "turn") this.#forget(address, turns);
    return turn === "turn";
  }

  give(address: string): void {
    const turns = this.#turns.get(address);
    turns?.give();
    if (turns !== undefined) this.#forget(address, turns);
  }

  #forget(address: string, turns: FairTurns): void {
    if (turns.running === 0 && turns.waiting === 0 && this.#turns.get(address) === turns)
      this.#turns.delete(address);
  }
}
