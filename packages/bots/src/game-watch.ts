import type { Position } from "@sallyport/domain";
import type { Clock, Game } from "@sallyport/sdk";
import type { Stop } from "./stop.ts";

export interface Target {
  readonly x: number;
  readonly y: number;
  /** It has arrived only on the map that the warp leads to. */
  readonly isWarp: boolean;
}

export type Waited = "held" | "over" | "stopped" | "timed-out";

/** Waits for what the map is to tell, and keeps count of the steps walked. */
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

  /** How far from `position` the server may have it by now: a walk under way goes on until it is heard of. */
  get stepsLeft(): number {
    return this.#target === null ? 0 : Math.max(0, this.#stepsLeft);
  }

  get hasArrived(): boolean {
    return this.#target === null;
  }

  /** Call before the walk is asked for: its steps may be told before its answer is. */
  aim(target: Target): void {
    this.#target = target;
    this.#stepsLeft = 0;
    this.#arrive(this.#game.position);
  }

  /** Steps told before the answer have been counted below zero. */
  answered(steps: number | null): void {
    if (steps === null) this.#target = null;
    else this.#stepsLeft += steps;
  }

  /** Whether the character's own words came back; asked once for each saying. */
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
