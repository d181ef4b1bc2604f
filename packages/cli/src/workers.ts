import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { type Environment, givenText, SettingsInvalid } from "@sallyport/server-kit";
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, Registry } from "prom-client";
import type { Checks } from "./admin-port.ts";
import type { Told } from "./operator/routes.ts";
import type { Running, Shell } from "./shell.ts";
import { storeSettings } from "./store-settings.ts";
import { StoppedEarly } from "./wait-for-stores.ts";
import { type About, type FromWorker, type ToWorker, workerVariable } from "./worker.ts";

/*
 * Several processes of one server, which share its ports: this one listens, and hands connections to them in turn. It
 * serves nobody itself. Whoever runs it sees one process: it is signalled, it has the admin port, and what
 * its workers measure is summed up there.
 */

type Measured = MetricObjectWithValues<MetricValue<string>>[];

interface Question {
  readonly worker: Worker;
  readonly answered: (found: unknown) => void;
}

/** For an answer to the admin port. */
const answerMs = 900;
/** For one that takes looking through stores. */
const operatorsMs = 4_000;
const pauseMinMs = 200;
const pauseMaxMs = 30_000;
const recentMs = 60_000;
export const workersMax = 64;

/** How long a worker that died stays away: those that die again and again must not keep the machine busy. */
export function pauseBeforeStart(diedMs: readonly number[], nowMs: number): number {
  const recent = diedMs.filter((atMs) => nowMs - atMs < recentMs).length;
  return Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.max(0, recent - 1));
}

/** Throws `SettingsInvalid` where each of them would have locks of its own. */
export function checkWorkers(count: number, environment: Environment): void {
  if (count > 1 && givenText(storeSettings.redisUrl, environment) === null)
    throw new SettingsInvalid([`REDIS_URL must be set: ${count} workers share their locks through Redis`]);
}

export class Workers {
  readonly #count: number;
  /** Those that run, by their number: it stays the same when one is started again. */
  readonly #running = new Map<number, Worker>();
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

  /** What all of them measured, as if it were one process. */
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
   * The first alone: it migrates the database, and is the one to say what is wrong. Rejects when it does not come to serve. From then on one that dies is started again.
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
    if (process.platform !== "win32") process.on("SIGUSR2", () => this.#signal("SIGUSR2"));
    return {
      checks: this.#checks(),
      operators: (path, query) => this.#tellOperator(path, query),
      stop: (why) => this.#stop(why === "for-good" ? "SIGINT" : "SIGTERM"),
    };
  }

  #start(number: number, shell: Shell): Worker {
    const { log, clock } = shell;
    const worker = cluster.fork({ [workerVariable]: String(number) });
    this.#running.set(number, worker);
    worker.on("message", (told: FromWorker) => {
      if (told.type === "answer") this.#questions.get(told.id)?.answered(told.found);
      else log.info({ worker: number, pid: worker.process.pid }, "worker ready");
    });
    worker.once("exit", (code: number | null, signal: string | null) => {
      this.#running.delete(number);
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

  /** All look at the same stores: any of them will do, and where it hangs another one. */
  async #tellOperator(path: string, query: string): Promise<Told> {
    for (const worker of [...this.#running.values()].slice(0, 2)) {
      const told = await this.#ask(worker, { about: "operators", path, query }, operatorsMs);
      if (told !== null) return told as Told;
    }
    return { status: 503, body: { error: "no worker answers" } };
  }

  /** Null: it did not answer. */
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
      // One that is just ending cannot be asked any more.
      worker.send(question, (error) => error !== null && answered(null));
    });
  }

  #signal(signal: NodeJS.Signals): void {
    for (const worker of this.#running.values()) worker.process.kill(signal);
  }

  /** Rejects when one of them did not stop well. */
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
