import { enterMap, enterWorld, register } from "@sallyport/bots";
import { delay, systemClock } from "@sallyport/clock";
import { createClient, type Game } from "@sallyport/sdk";
import { transportTo } from "@sallyport/sdk/node";

export interface ResidentOptions {
  readonly name: string;
  readonly loginUrl: string;
  /** The cell of the warp to the next map, on every map. */
  readonly warpCell: { readonly x: number; readonly y: number };
  /** Milliseconds before the resident starts. Different delays spread the residents over the maps. */
  readonly afterMs: number;
  readonly signal: AbortSignal;
}

/**
 * `ends` lists each connection that ended without a request of the resident. `awayMs` is the time from that
 * end until the resident was back in the world.
 */
export interface ResidentReport {
  readonly name: string;
  readonly hops: number;
  readonly ends: readonly { readonly reason: string; readonly detail: string; readonly awayMs: number }[];
}

const pauseMs = 100;

/**
 * A player that stays in the world. It walks from map to map until the signal, and logs in again after a lost
 * connection.
 */
export class Resident {
  readonly #options: ResidentOptions;
  readonly #client;
  readonly #ends: { reason: string; detail: string; awayMs: number }[] = [];
  #game: Game | null = null;
  #hopsBefore = 0;

  constructor(options: ResidentOptions) {
    this.#options = options;
    this.#client = createClient(transportTo(options.loginUrl));
  }

  /** The map on which the resident is. Null if it is not in the world. */
  get map(): string | null {
    return this.#game?.isOpen === true ? this.#game.position.map : null;
  }

  get isInWorld(): boolean {
    return this.map !== null;
  }

  get report(): ResidentReport {
    const hops = this.#hopsBefore + (this.#game?.hops ?? 0);
    return { name: this.#options.name, hops, ends: [...this.#ends] };
  }

  /** Plays until the signal, and then leaves the world. Resolves when the character is saved. */
  async live(): Promise<void> {
    const { signal, name, afterMs } = this.#options;
    await delay(systemClock, afterMs);
    while (!signal.aborted && (await register(this.#client, this.#account)) !== null) await this.#pause();
    while (!signal.aborted) {
      const askedMs = performance.now();
      const game = await this.#comeIn();
      if (game === null) return;
      const last = this.#ends.at(-1);
      if (last !== undefined && Number.isNaN(last.awayMs)) last.awayMs = performance.now() - askedMs;
      this.#game = game;
      await this.#walk(game);
      if (signal.aborted && game.isOpen) {
        const left = await game.leave();
        if (!left.ok) this.#ends.push({ reason: left.refusal, detail: `${name} could not leave`, awayMs: 0 });
        return;
      }
      const { reason, detail } = await game.closed;
      this.#hopsBefore += game.hops;
      this.#game = null;
      this.#ends.push({ reason, detail, awayMs: Number.NaN });
    }
  }

  get #account() {
    const { name } = this.#options;
    return { name, password: `${name} stays here`, way: "raw" } as const;
  }

  async #comeIn(): Promise<Game | null> {
    const { signal, name } = this.#options;
    while (!signal.aborted) {
      const select = await enterWorld(this.#client, this.#account);
      const game = select.ok ? await enterMap(this.#client, select.value, name) : select;
      if (game.ok) return game.value;
      await this.#pause();
    }
    return null;
  }

  async #walk(game: Game): Promise<void> {
    const { signal, warpCell } = this.#options;
    while (!signal.aborted && game.isOpen) {
      await game.walk(warpCell.x, warpCell.y);
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return delay(systemClock, pauseMs);
  }
}
