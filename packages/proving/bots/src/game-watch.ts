import type { Position } from "@sallyport/domain";
import type { Clock, Game } from "@sallyport/sdk";
import type { Stop } from "./stop.ts";

export interface Target {
  readonly x: number;
  readonly y: number;
  /** A walk to a warp ends only on the map that the warp leads to. */
  readonly isWarp: boolean;
}

export type Waited = "held" | "over" | "stopped" | "timed-out";

/** Waits for events on the map, and counts the steps of the character. */
export class GameWatch {
  readonly #game: Game;
  readonly #clock: Clock;
  readonly #wakers = new Set<() => void>();
  readonly #heard = new Set<string>();
  #stepsLeft = 0;
  #target: Target | null = null;

  constructor(game: Game, clock: Clock) {
    this.#game = game;
    this.#clock = clock;
    game.on((event) => {
      if (event.type === "actor.moved" && event.charId === game.charId) this.#step();
      if (event.type === "actor.said" && event.charId === game.charId) this.#heard.add(event.text);
      if (event.type === "map.changed") this.#target = null;
      this.#wake();
    });
    void game.closed.then(() => this.#wake());
  }

  /**
   * Maximum distance between the character and `position`, in steps. While the character walks, the events of
   * its latest steps may not have reached the bot.
   */
  get stepsLeft(): number {
    return this.#target === null ? 0 : Math.max(0, this.#stepsLeft);
  }

  get hasArrived(): boolean {
    return this.#target === null;
  }

  /**
   * Call this before the walk is sent, because events of the steps may come before the answer to the walk.
   */
  aim(target: Target): void {
    this.#target = target;
    this.#stepsLeft = 0;
    this.#arrive(this.#game.position);
  }

  /** `#stepsLeft` is negative if events of steps came before this answer. */
  answered(steps: number | null): void {
    if (steps === null) this.#target = null;
    else this.#stepsLeft += steps;
  }

  /** Whether the server sent this chat line of the character back. Returns true only once for each line. */
  takeHeard(text: string): boolean {
    return this.#heard.delete(text);
  }

  until(condition: () => boolean, { withinMs, stop }: { withinMs: number; stop: Stop }): Promise<Waited> {
    return new Promise((resolve) => {
      const settle = (waited: Waited): void => {
        cancel();
        forget();
        this.#wakers.delete(look);
        resolve(waited);
      };
      const look = (): void => {
        if (condition()) settle("held");
        else if (!this.#game.isOpen) settle("over");
        else if (stop.isAsked) settle("stopped");
      };
      const cancel = this.#clock.after(withinMs, () => settle("timed-out"));
      const forget = stop.onAsked(look);
      this.#wakers.add(look);
      look();
    });
  }

  #step(): void {
    this.#stepsLeft -= 1;
    this.#arrive(this.#game.position);
  }

  #arrive({ x, y }: Position): void {
    const target = this.#target;
    if (target?.x === x && target.y === y && !target.isWarp) this.#target = null;
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
