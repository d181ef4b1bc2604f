import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import type { Asked, Told } from "@sallyport/operator";
import { type Environment, givenText, SettingsInvalid } from "@sallyport/server-kit";
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, Registry } from "prom-client";
import { storeSettings } from "../stores/store-settings.ts";
import { StoppedEarly } from "../stores/wait-for-stores.ts";
import type { Checks } from "./admin-port.ts";
import { onHangUp } from "./asked-by-signal.ts";
import type { Running, Shell } from "./shell.ts";
import { type About, type FromWorker, type ToWorker, workerVariable } from "./worker.ts";

/**
 * Several worker processes share the ports of one server. This process listens and hands the connections to
 * the workers in turn. It serves no client itself. Operators see all these processes as one server: this
 * process receives the signals, opens the admin port and adds up the metrics of its workers.
 */

type Measured = MetricObjectWithValues<MetricValue<string>>[];

interface Question {
  readonly worker: Worker;
  readonly answered: (found: unknown) => void;
}

/** A worker must answer a question within this time. */
const answerMs = 900;
/** A worker that has to read from the stores must answer within this time. */
const operatorsMs = 4_000;
const pauseMinMs = 200;
const pauseMaxMs = 30_000;
const recentMs = 60_000;

/**
 * Returns the milliseconds to wait before a dead worker is started again. The pause grows with each recent
 * death. So a worker that dies again and again does not keep the machine busy.
 */
export function pauseBeforeStart(diedMs: readonly number[], nowMs: number): number {
  const recent = diedMs.filter((atMs) => nowMs - atMs < recentMs).length;
  return Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.max(0, recent - 1));
}

/**
 * Throws `SettingsInvalid` if there are several workers but no Redis, because each worker would then have its
 * own locks.
 */
export function checkWorkers(count: number, environment: Environment): void {
  if (count > 1 && givenText(storeSettings.redisUrl, environment) === null)
    throw new SettingsInvalid([`REDIS_URL must be set: ${count} workers share their locks through Redis`]);
}

export class Workers {
  readonly #count: number;
  /** The running workers. The key is the number of the worker, which stays the same after a restart. */
  readonly #running = new Map<number, Worker>();
  /** These handle the signals of operators. In any other worker, SIGUSR1 opens the inspector of Node, or ends it. */
  readonly #ready = new Set<Worker>();
  readonly #questions = new Map<number, Question>();
  readonly #died = new Map<number, number[]>();
  readonly #pauses = new Set<() => void>();
  #asked = 0;
  #hasStarted = false;
  #isStopping = false;
  #failed = false;

  constructor(count: number) {
    this.#count = count;
  }

  /** The metrics of all workers, summed up as if they were one process. */
  readonly metrics = {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    text: async (): Promise<string> => {
      const measured = await Promise.all(
        [...this.#running.values()].map((each) => this.#ask(each, { about: "metrics" })),
      );
      return AggregatorRegistry.aggregate(measured.filter(isMeasured)).metrics();
    },
  };

  /**
   * Starts the first worker alone, so that only one process migrates the database and reports problems.
   * Rejects if that worker ends before it can serve. Then starts the other workers. After that, a worker that
   * dies is started again.
   */
  async start(shell: Shell): Promise<Running> {
    const first = this.#start(1, shell);
    const stopEarly = (): void => this.#signal("SIGTERM");
    shell.stopping?.addEventListener("abort", stopEarly);
    await new Promise<void>((resolve, reject) => {
      first.on("message", ({ type }: FromWorker) => type === "ready" && resolve());
      first.once("exit", () => {
        const isStopped = shell.stopping?.aborted === true;
        reject(isStopped ? new StoppedEarly() : new Error("the first worker ended before it could serve"));
      });
    });
    shell.stopping?.removeEventListener("abort", stopEarly);
    this.#hasStarted = true;
    for (let number = 2; number <= this.#count; number += 1) this.#start(number, shell);
    if (process.platform !== "win32") process.on("SIGUSR2", () => this.#signalReady("SIGUSR2"));
    onHangUp(() => this.#signalReady("SIGHUP"));
    return {
      checks: this.#checks(),
      operators: (asked) => this.#tellOperator(asked),
      logWhoIsIn: async () => this.#signalReady("SIGUSR1"),
      stop: (why) => this.#stop(why === "for-good" ? "SIGINT" : "SIGTERM"),
    };
  }

  #start(number: number, shell: Shell): Worker {
    const { log, clock } = shell;
    const worker = cluster.fork({ [workerVariable]: String(number) });
    this.#running.set(number, worker);
    worker.on("message", (told: FromWorker) => {
      if (told.type === "answer") this.#questions.get(told.id)?.answered(told.found);
      else {
        this.#ready.add(worker);
        log.info({ worker: number, pid: worker.process.pid }, "worker ready");
      }
    });
    worker.once("exit", (code: number | null, signal: string | null) => {
      this.#running.delete(number);
      this.#ready.delete(worker);
      for (const { worker: asked, answered } of this.#questions.values())
        if (asked === worker) answered(null);
      if (this.#isStopping) this.#failed ||= code !== 0;
      if (this.#isStopping || !this.#hasStarted) return;
      const nowMs = clock.nowMs();
      const died = [...(this.#died.get(number) ?? []), nowMs].slice(-10);
      this.#died.set(number, died);
      const pauseMs = pauseBeforeStart(died, nowMs);
      log.error({ worker: number, code, signal, pauseMs }, "worker died; restarting it");
      const stopWaiting = clock.after(pauseMs, () => {
        this.#pauses.delete(stopWaiting);
        this.#start(number, shell);
      });
      this.#pauses.add(stopWaiting);
    });
    return worker;
  }

  #checks(): Checks {
    const isReady = async (number: number): Promise<boolean> => {
      const worker = this.#running.get(number);
      const found = worker === undefined ? null : await this.#ask(worker, { about: "readiness" });
      if (found === null) throw new Error("it does not answer");
      return found === true;
    };
    const numbers = Array.from({ length: this.#count }, (_, index) => index + 1);
    return Object.fromEntries(numbers.map((number) => [`worker ${number} is ready`, () => isReady(number)]));
  }

  /**
   * Asks the first worker. Any worker can answer, because all of them use the same stores. If the first
   * worker does not answer, asks the second worker, unless the first one may have changed something.
   */
  async #tellOperator(asked: Asked): Promise<Told> {
    const asksMax = asked.method === "GET" ? 2 : 1;
    for (const worker of [...this.#running.values()].slice(0, asksMax)) {
      const told = await this.#ask(worker, { about: "operators", asked }, operatorsMs);
      if (told !== null) return told as Told;
    }
    const headers = { "content-type": "application/json" };
    return { status: 503, headers, body: JSON.stringify({ error: "no worker answers" }) };
  }

  /** Resolves to null if the worker did not answer. */
  #ask(worker: Worker, about: About, withinMs = answerMs): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      const answered = (found: unknown): void => {
        clearTimeout(timer);
        this.#questions.delete(id);
        resolve(found);
      };
      const timer = setTimeout(() => answered(null), withinMs);
      this.#questions.set(id, { worker, answered });
      const question: ToWorker = { type: "question", id, ...about };
      // A worker that is ending cannot receive messages.
      worker.send(question, (error) => error !== null && answered(null));
    });
  }

  #signal(signal: NodeJS.Signals): void {
    for (const worker of this.#running.values()) worker.process.kill(signal);
  }

  /** A worker that starts has the log level of the settings, and nobody is in through it. So it needs none of these. */
  #signalReady(signal: "SIGUSR1" | "SIGUSR2" | "SIGHUP"): void {
    for (const worker of this.#ready) worker.process.kill(signal);
  }

  /** Rejects if a worker did not stop cleanly. */
  async #stop(signal: "SIGINT" | "SIGTERM"): Promise<void> {
    this.#isStopping = true;
    for (const stopWaiting of this.#pauses) stopWaiting();
    const ended = [...this.#running.values()].map((worker) => once(worker, "exit"));
    this.#signal(signal);
    await Promise.all(ended);
    if (this.#failed) throw new Error("a worker did not stop cleanly; its own log lines say why");
  }
}

const isMeasured = (found: unknown): found is Measured => Array.isArray(found);
