import cluster from "node:cluster";
import type { Asked, Operators } from "@sallyport/operator";
import { noMetrics } from "@sallyport/server-kit";
import { type Checks, isReady } from "./admin-port.ts";
import type { Operation } from "./operation.ts";
import { PrometheusMetrics } from "./prometheus-metrics.ts";

/* The code that runs in a worker, and the messages between a worker and the process that started it. */

export type About =
  | { readonly about: "metrics" | "readiness" }
  | { readonly about: "operators"; readonly asked: Asked };

export type ToWorker = { readonly type: "question"; readonly id: number } & About;

export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "answer"; readonly id: number; readonly found: unknown };

/** Contains the number of the worker. Only the process that starts the workers sets this variable. */
export const workerVariable = "SALLYPORT_WORKER";
export const workersMax = 64;

/** Returns the number of this worker. Returns null if this process is not a worker. */
export const workerNumber = (): number | null =>
  cluster.isWorker ? Number(process.env[workerVariable]) : null;

/** A worker opens no admin port. The process that started the worker has this port, and asks the worker. */
export function operationOfWorker({ adminPort }: { readonly adminPort: number | null }): Operation {
  const metrics = adminPort === null ? null : new PrometheusMetrics();
  let checks: Checks = { started: () => false };
  let operators: Operators | null | undefined;
  const answer = (question: ToWorker): Promise<unknown> => {
    switch (question.about) {
      case "metrics":
        return metrics?.asJson() ?? Promise.resolve([]);
      case "readiness":
        return isReady(checks);
      case "operators":
        return operators?.(question.asked) ?? Promise.resolve(null);
    }
  };
  const tell = (told: FromWorker): void => void process.send?.(told);
  process.on("message", (question: ToWorker) => {
    void answer(question).then((found) => tell({ type: "answer", id: question.id, found }));
  });
  return {
    metrics: metrics ?? noMetrics,
    watch(watched, asked) {
      checks = watched;
      operators = asked;
      tell({ type: "ready" });
    },
    stopping() {
      checks = { "not stopping": () => false };
    },
  };
}
