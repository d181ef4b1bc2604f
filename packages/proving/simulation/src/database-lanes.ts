import type { Random } from "@sallyport/random";
import type { EventLoop } from "./event-loop.ts";
import type { RowLocks } from "./row-locks.ts";
import { replyMsOf, type Service } from "./service.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** The number of connections that `openDatabase` opens. */
const lanesEach = 4;
/**
 * A statement keeps its rows locked for a time in this range before it commits. One statement in `slowOneIn`
 * is slow.
 */
const commitMs = { usual: [0.05, 3], slow: [100, 1_500] } as const;
const slowOneIn = 40;

export interface Statement<T> {
  readonly what: string;
  /**
   * Returns the rows that the statement will change. Some of these rows may be unknown when the statement
   * begins.
   */
  readonly rows: () => Promise<readonly string[]>;
  readonly run: () => Promise<T>;
  /** Returns the probability that the database reports the statement as failed and carries it out later. */
  readonly givenUp: () => number;
  readonly lateMs: readonly [number, number];
}

interface Lane {
  pending: number;
  lastArrivalMs: number;
  lastReplyMs: number;
  isBusy: boolean;
  readonly queue: (() => void)[];
}

/**
 * The connections of one process to a database. Each connection runs one statement at a time. Different
 * connections run statements at the same time. A statement waits until it has locked its rows, and then
 * decides by the state that it finds. When it commits, other statements see its changes, and its answer is
 * sent. One connection keeps the order of its statements and answers. Different connections do not keep an
 * order among each other.
 */
export class DatabaseLanes {
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #process: SimulatedProcess;
  readonly #service: Service;
  readonly #rows: RowLocks;
  readonly #slow: (takesMs: number) => void;
  readonly #lanes: readonly Lane[];

  constructor(of: {
    readonly loop: EventLoop;
    readonly random: Random;
    readonly process: SimulatedProcess;
    readonly service: Service;
    readonly rows: RowLocks;
    /**
     * Called with the duration of a slow statement. A statement that waits for the rows of a slow statement
     * is slow too.
     */
    readonly slow: (takesMs: number) => void;
  }) {
    this.#loop = of.loop;
    this.#random = of.random;
    this.#process = of.process;
    this.#service = of.service;
    this.#rows = of.rows;
    this.#slow = of.slow;
    this.#lanes = Array.from({ length: lanesEach }, () => ({
      ...{ pending: 0, lastArrivalMs: 0, lastReplyMs: 0, isBusy: false, queue: [] },
    }));
  }

  ask<T>(statement: Statement<T>, failed: () => Error): Promise<T> {
    const process = this.#process;
    return new Promise((resolve, reject) => {
      process.boundary(`database: ${statement.what}`);
      if (process.isDead) return;
      const lane = this.#lanes.reduce((best, each) => (each.pending < best.pending ? each : best));
      lane.pending += 1;
      const reply = (settle: () => void): void => this.#reply(lane, statement.what, settle);
      lane.lastArrivalMs = Math.max(
        lane.lastArrivalMs,
        this.#loop.nowMs + this.#random.between(...this.#service.latencyMs),
      );
      this.#loop.after(lane.lastArrivalMs - this.#loop.nowMs, () => {
        lane.queue.push(() => this.#begin(lane, statement, { failed, reply, resolve, reject }));
        this.#next(lane);
      });
    });
  }

  #begin<T>(
    lane: Lane,
    statement: Statement<T>,
    to: {
      readonly failed: () => Error;
      readonly reply: (settle: () => void) => void;
      readonly resolve: (value: T) => void;
      readonly reject: (error: unknown) => void;
    },
  ): void {
    const random = this.#random;
    const { failed, reply, resolve, reject } = to;
    const finish = (settle: () => void): void => {
      reply(settle);
      lane.isBusy = false;
      this.#next(lane);
    };
    const fails = random.chance(this.#service.failing);
    if (fails && random.chance(0.5)) return finish(() => reject(failed()));
    const givenUp = statement.givenUp();
    if (givenUp > 0 && random.chance(givenUp)) {
      // A new connection replaces this one, so the statements that follow do not wait for the late statement.
      this.#loop.after(random.between(...statement.lateMs), () => void this.#carryOut(statement));
      return finish(() => reject(failed()));
    }
    this.#carryOut(statement).then(
      (value) => finish(() => (fails || value === null ? reject(failed()) : resolve(value.value))),
      (error) => finish(() => reject(error)),
    );
  }

  /** Resolves to null if the statement completed a deadlock. The statement then changed nothing. */
  async #carryOut<T>({ rows, run }: Statement<T>): Promise<{ readonly value: T } | null> {
    const wanted = await rows();
    if (wanted.length === 0) return { value: await run() };
    return new Promise((resolve, reject) => {
      const got = (release: () => void): void => {
        const isSlow = this.#random.chance(1 / slowOneIn);
        const [leastMs, mostMs] = isSlow ? commitMs.slow : commitMs.usual;
        const takesMs = this.#random.between(leastMs, mostMs);
        if (isSlow) this.#slow(takesMs);
        this.#loop.after(takesMs, () => {
          run()
            .then((value) => resolve({ value }), reject)
            .finally(release);
        });
      };
      this.#rows.take(wanted, got, () => resolve(null));
    });
  }

  #next(lane: Lane): void {
    if (lane.isBusy) return;
    const begin = lane.queue.shift();
    if (begin === undefined) return;
    lane.isBusy = true;
    begin();
  }

  #reply(lane: Lane, what: string, settle: () => void): void {
    this.#process.boundary(`database: ${what}, done`);
    const replyMs = this.#loop.nowMs + replyMsOf(this.#random, this.#service);
    lane.lastReplyMs = Math.max(lane.lastReplyMs, replyMs);
    this.#loop.after(lane.lastReplyMs - this.#loop.nowMs, () => {
      lane.pending -= 1;
      this.#process.deliver(settle);
    });
  }
}
