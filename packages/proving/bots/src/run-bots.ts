import { Random } from "@sallyport/random";
import {
  type Clock,
  type Connect,
  Credentials,
  type DoorAddress,
  type PasswordWay,
  systemClock,
} from "@sallyport/sdk";
import { Bot } from "./bot.ts";
import { BotTally } from "./bot-tally.ts";
import { type BotsReport, reportOf } from "./bots-report.ts";
import { each } from "./each.ts";
import { Stop } from "./stop.ts";
import { Fault } from "./tally.ts";

/*
 * A run has three phases. First, the bots prepare their accounts, a few at a time, because each account costs
 * the server one argon2id hash and the bot another. Then one bot after another begins to play, until the time
 * is over. Finally, each bot finishes its present request and leaves the world cleanly.
 */

export interface BotsOptions {
  readonly bots: number;
  /** The bots play for this many milliseconds. */
  readonly durationMs: number;
  readonly connect: Connect;
  readonly login: DoorAddress;
  /** Account names consist of this prefix and a number. The accounts remain for the next run. */
  readonly namePrefix?: string;
  readonly passwordWay?: PasswordWay | "mixed";
  readonly seed?: number;
  /**
   * Maximum number of walks during one visit to a map. With 0, a bot enters the map and leaves it at once.
   */
  readonly walksMax?: number;
  readonly rampMs?: number;
  readonly preparedAtOnceMax?: number;
  readonly clock?: Clock;
  readonly onProgress?: (progress: BotsProgress) => void;
  readonly progressMs?: number;
  /** Ends the run early. The bots still leave the world cleanly. */
  readonly signal?: AbortSignal;
}

export interface BotsProgress {
  readonly phase: "preparing" | "playing" | "leaving";
  readonly bots: number;
  readonly prepared: number;
  /** The number of bots that play or have not left yet. */
  readonly running: number;
  readonly inMap: number;
  readonly elapsedMs: number;
  readonly durationMs: number;
  readonly hops: number;
  readonly refusals: number;
  readonly errors: number;
}

export const namePrefixCharsMax = 12;
export const botsMax = 10_000;
const leavingMsMax = 45_000;

export async function runBots(options: BotsOptions): Promise<BotsReport> {
  return new Run(options).run();
}

class Run {
  readonly #options: BotsOptions;
  readonly #clock: Clock;
  readonly #stop: Stop;
  readonly #tally = new BotTally();
  readonly #bots: Bot[];
  #phase: BotsProgress["phase"] = "preparing";
  #prepared = 0;
  #running = 0;
  #startedMs = 0;

  constructor(options: BotsOptions) {
    const { bots, namePrefix = "bot", passwordWay = "hashed", seed = 1, walksMax = 3 } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#stop = new Stop(this.#clock);
    const credentials = new Credentials({ entriesMax: bots });
    this.#bots = Array.from({ length: bots }, (_, index) => {
      const way = passwordWay === "mixed" ? (index % 2 === 0 ? "hashed" : "raw") : passwordWay;
      return new Bot({
        name: `${namePrefix}_${index}`,
        connect: options.connect,
        login: options.login,
        credentials,
        way,
        walksMax,
        random: new Random(`seed ${seed}`).fork(`bot ${index}`),
        tally: this.#tally,
        stop: this.#stop,
        clock: this.#clock,
      });
    });
  }

  async run(): Promise<BotsReport> {
    const forgetSignal = this.#stop.askOn(this.#options.signal);
    const stopWatching = this.#watch();
    try {
      const ready = await this.#prepare();
      const playedMs = await this.#play(ready);
      return reportOf(this.#tally, { bots: this.#bots.length, prepared: this.#prepared, playedMs });
    } finally {
      this.#stop.ask();
      stopWatching();
      forgetSignal();
    }
  }

  async #prepare(): Promise<Bot[]> {
    const ready: Bot[] = [];
    await each(this.#bots, this.#options.preparedAtOnceMax ?? 4, async (bot) => {
      if (this.#stop.isAsked) return;
      try {
        await bot.prepare();
        ready.push(bot);
        this.#prepared += 1;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        // A call that the end of the run interrupts is not a fault.
        if (!this.#stop.isAsked) this.#tally.fault(error);
      }
    });
    return ready;
  }

  /** Returns the milliseconds from the start of the first bot until the bots begin to leave. */
  async #play(bots: readonly Bot[]): Promise<number> {
    const { durationMs } = this.#options;
    const rampMs = this.#options.rampMs ?? Math.min(10_000, durationMs / 5, bots.length * 20);
    this.#phase = "playing";
    this.#startedMs = this.#clock.nowMs();
    const running = bots.map((bot, index) => this.#send(bot, (rampMs * index) / bots.length));
    const all = Promise.all(running);
    // A bug in a bot ends the run at once.
    await Promise.race([this.#stop.wait(durationMs), all]);
    const playedMs = this.#clock.nowMs() - this.#startedMs;
    this.#phase = "leaving";
    this.#stop.ask();
    await this.#leave(bots, all);
    return playedMs;
  }

  async #send(bot: Bot, afterMs: number): Promise<void> {
    await this.#stop.wait(afterMs);
    this.#running += 1;
    try {
      await bot.run();
    } finally {
      this.#running -= 1;
    }
  }

  async #leave(bots: readonly Bot[], all: Promise<unknown>): Promise<void> {
    const cancel = this.#clock.after(leavingMsMax, () => {
      const late = `${this.#running} bots had not left after ${leavingMsMax} ms`;
      this.#tally.fault(new Fault("did not leave", late));
      for (const bot of bots) bot.destroy();
    });
    await all;
    cancel();
  }

  /** Reports the progress, and measures how late the timers of this process run. */
  #watch(): () => void {
    const { progressMs = 250 } = this.#options;
    return this.#tally.watch(this.#clock, progressMs, () => {
      this.#options.onProgress?.(this.#progress());
      return this.#phase === "playing";
    });
  }

  #progress(): BotsProgress {
    return {
      phase: this.#phase,
      bots: this.#bots.length,
      prepared: this.#prepared,
      running: this.#running,
      inMap: this.#bots.filter((bot) => bot.isInMap).length,
      elapsedMs: this.#startedMs === 0 ? 0 : this.#clock.nowMs() - this.#startedMs,
      durationMs: this.#options.durationMs,
      hops: this.#tally.hopCount,
      refusals: this.#tally.refusalCount,
      errors: this.#tally.errorCount,
    };
  }
}
