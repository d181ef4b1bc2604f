import { Fault, Stop } from "@sallyport/bots";
import { Random } from "@sallyport/random";
import { type Clock, type DoorAddress, systemClock } from "@sallyport/sdk";
import type { ClientOptions } from "../client/client-options.ts";
import { RagnarokClient } from "../client/ragnarok-client.ts";
import { type LoadProgress, type LoadReport, reportOf } from "./report.ts";
import { type LoadAccount, playRound, type RoundOptions } from "./round.ts";
import { LoadTally } from "./tally.ts";

export interface LoadOptions
  extends Pick<RoundOptions, "phase" | "register" | "create" | "walk" | "warp" | "stayMs">,
    Pick<ClientOptions, "manner" | "profile" | "passedOver" | "tolerated" | "mayGoTo" | "withinMs"> {
  readonly login: DoorAddress;
  readonly accounts: readonly string[];
  readonly password: string;
  readonly concurrency: number;
  /** The starts of the clients are spread over this many milliseconds. With 0, all clients start at once. */
  readonly rampMs?: number;
  /** The number of rounds of each account. The default is 1. */
  readonly rounds?: number;
  /** All accounts play in turn for this many milliseconds, with any number of rounds. */
  readonly durationMs?: number;
  readonly seed?: number;
  readonly clock?: Clock;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Ends the run early. The clients still leave cleanly. */
  readonly signal?: AbortSignal;
}

const progressEveryMs = 250;
const leavingMsMax = 45_000;
const entriesMax = 50;

export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  return new Run(options).run();
}

class Run {
  readonly #options: LoadOptions;
  readonly #clock: Clock;
  readonly #stop: Stop;
  readonly #random: Random;
  readonly #tally = new LoadTally();
  readonly #waiting: LoadAccount[];
  readonly #clients = new Set<RagnarokClient>();
  #startedMs = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#stop = new Stop(this.#clock);
    this.#random = new Random(`seed ${options.seed ?? 1}`);
    this.#waiting = options.accounts.map((name) => ({ name, isRegistered: false, rounds: 0 }));
  }

  async run(): Promise<LoadReport> {
    const { accounts, concurrency, durationMs, phase, signal } = this.#options;
    this.#startedMs = this.#clock.nowMs();
    const stopWatching = this.#watch();
    const cancels = [stopWatching, this.#stop.onAsked(() => cancels.push(this.#endLeaving()))];
    cancels.push(this.#stop.askOn(signal));
    if (durationMs !== undefined) cancels.push(this.#clock.after(durationMs, () => this.#stop.ask()));
    try {
      const places = Math.min(concurrency, accounts.length);
      const { rampMs = 0 } = this.#options;
      const playFrom = async (place: number): Promise<void> => {
        if (rampMs > 0) await this.#stop.wait((rampMs * place) / places);
        await this.#playAccounts();
      };
      await Promise.all(Array.from({ length: places }, (_, place) => playFrom(place)));
      const elapsedMs = this.#clock.nowMs() - this.#startedMs;
      return reportOf(this.#tally, { phase, accounts: accounts.length, concurrency }, elapsedMs);
    } finally {
      this.#stop.ask();
      for (const cancel of cancels) cancel();
    }
  }

  /**
   * Plays one waiting account after another. An account in use is not in the list of waiting accounts, so at
   * most one client uses an account.
   */
  async #playAccounts(): Promise<void> {
    const { durationMs, rounds = 1 } = this.#options;
    for (;;) {
      const account = this.#stop.isAsked ? undefined : this.#waiting.shift();
      if (account === undefined) return;
      const isWell = await this.#play(account);
      account.rounds += 1;
      if (durationMs !== undefined || account.rounds < rounds) this.#waiting.push(account);
      // Without this pause, all clients would send requests in a tight loop while a server is down.
      if (!isWell) await this.#stop.wait(this.#random.whole(100, 500));
    }
  }

  async #play(account: LoadAccount): Promise<boolean> {
    const { login, password, accounts: _, ...options } = this.#options;
    const tally = this.#tally;
    const client = new RagnarokClient({ ...options, login, password, account: account.name, entriesMax });
    this.#clients.add(client);
    let isWell = false;
    try {
      isWell = await playRound(client, account, {
        ...options,
        random: this.#random,
        tally,
        stop: this.#stop,
        clock: this.#clock,
      });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      tally.fault(error);
    } finally {
      await client.leave();
      this.#clients.delete(client);
    }
    tally.faultsOf(client, account.name);
    isWell &&= client.faults.length === 0;
    tally.rounds += 1;
    tally.hops += client.hops;
    if (isWell) tally.roundsWell += 1;
    return isWell;
  }

  /** Aborts the rounds that do not end within `leavingMsMax`. */
  #endLeaving(): () => void {
    return this.#clock.after(leavingMsMax, () => {
      this.#tally.fault(new Fault("did not leave", `${this.#clients.size} clients after ${leavingMsMax} ms`));
      for (const client of this.#clients) client.abort();
    });
  }

  /** Reports the progress, and measures how late the timers of this process run. */
  #watch(): () => void {
    return this.#tally.watch(this.#clock, progressEveryMs, (nowMs) => {
      this.#options.onProgress?.({
        phase: this.#stop.isAsked ? "leaving" : "running",
        elapsedMs: nowMs - this.#startedMs,
        running: this.#clients.size,
        onMap: [...this.#clients].filter(({ door }) => door === "map").length,
        rounds: this.#tally.rounds,
        refusals: this.#tally.refusalCount,
        errors: this.#tally.errorCount,
      });
      return true;
    });
  }
}
