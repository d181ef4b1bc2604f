import type { CallWatch } from "@sallyport/game-core";
import type { Host } from "@sallyport/server-kit";

export interface HandlerWatchOptions {
  /** A call of a handler that takes longer than this many milliseconds is an overrun. */
  readonly budgetMs: number;
  /** After this many overruns, a handler is switched off. 0: never. */
  readonly switchOffAfter: number;
  /** Learns of each call too. */
  readonly next?: CallWatch | undefined;
}

interface Overruns {
  count: number;
  longestMs: number;
  toldMs: number;
}

/** Without these, players could not enter, and changes of the world would be lost. So they stay on. */
const vital = /^(character|world)\./;

/** Overruns of one handler are logged at most once in this time. */
const tellEveryMs = 60_000;

/** Thrown in place of a call of a handler that is switched off. */
class HandlerOff extends Error {
  override readonly name = "HandlerOff";
}

/** Times each call of a handler of the game, and reports the handlers that take too long. */
export class HandlerWatch implements CallWatch {
  readonly #host: Pick<Host, "clock" | "log">;
  readonly #options: HandlerWatchOptions;
  readonly #overruns = new Map<string, Overruns>();
  readonly #off = new Set<string>();
  /** The handler that runs. Null if none does. */
  #handler: string | null = null;
  #beganMs = 0;

  constructor(host: Pick<Host, "clock" | "log">, options: HandlerWatchOptions) {
    this.#host = host;
    this.#options = options;
  }

  isOff(handler: string): boolean {
    return this.#off.has(handler);
  }

  /** Switches all handlers on again, because the game is a different one. */
  forget(): void {
    this.#overruns.clear();
    this.#off.clear();
  }

  /** Throws `HandlerOff` if the handler is switched off. Then the handler is not called. */
  began(handler: string, map: string | null): void {
    if (this.#off.has(handler)) throw new HandlerOff(`${handler} is switched off`);
    this.#options.next?.began(handler, map);
    this.#handler = handler;
    this.#beganMs = this.#host.clock.nowMs();
  }

  ended(): void {
    const handler = this.#handler;
    if (handler === null) return;
    this.#handler = null;
    this.#options.next?.ended();
    const nowMs = this.#host.clock.nowMs();
    const tookMs = nowMs - this.#beganMs;
    if (tookMs > this.#options.budgetMs) this.#overrun(handler, tookMs, nowMs);
  }

  #overrun(handler: string, tookMs: number, nowMs: number): void {
    const { budgetMs, switchOffAfter } = this.#options;
    const overruns = this.#overruns.get(handler) ?? {
      count: 0,
      longestMs: 0,
      toldMs: Number.NEGATIVE_INFINITY,
    };
    this.#overruns.set(handler, overruns);
    overruns.count += 1;
    overruns.longestMs = Math.max(overruns.longestMs, tookMs);
    const said = { handler, overruns: overruns.count, longestMs: Math.round(overruns.longestMs), budgetMs };
    if (nowMs - overruns.toldMs >= tellEveryMs) {
      overruns.toldMs = nowMs;
      this.#host.log.warn(said, "a handler of the game takes too long");
    }
    const isOver = switchOffAfter > 0 && overruns.count >= switchOffAfter && !vital.test(handler);
    if (isOver && !this.#off.has(handler)) {
      this.#off.add(handler);
      this.#host.log.error(said, "a handler of the game is switched off, see GAME_SWITCH_OFF_AFTER");
    }
  }
}
