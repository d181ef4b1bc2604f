import { written } from "@sallyport/server-kit";
import { StoppedEarly } from "../stores/wait-for-stores.ts";
import type { Operation } from "./operation.ts";
import type { Running, Shell, StopReason } from "./shell.ts";

/**
 * A supervisor can send a signal to a whole process group. This process then gets the signal twice: directly,
 * and from its parent process. Two signals within this time count as one. Otherwise the second signal would
 * end the process before it has saved its players.
 */
const sameRequestMs = 500;

/** Ends the process with this exit code. */
export type End = (exitCode: number) => never;

interface Stopping {
  readonly operation: Operation;
  readonly stopMs: number;
  readonly end: End;
  /** Ends the wait for Redis and Postgres during a start. */
  stopEarly(): void;
}

/**
 * Ctrl-C sends SIGINT, because a person ends the server. Supervisors send SIGTERM, and usually start the
 * server again.
 */
const meaning = { SIGINT: "for-good", SIGTERM: "to-return" } as const satisfies Record<string, StopReason>;

/**
 * At the first signal, the server drains and then stops: it saves all players and ends. A second signal
 * during the drain starts the stop at once. In two cases the process ends at once. 1: a signal arrives during
 * the stop. 2: the stop takes longer than `stopMs`.
 */
export function stopOnSignal(
  { log, failed }: Shell,
  running: Promise<Running>,
  { operation, stopMs, stopEarly, end }: Stopping,
): void {
  let phase: "running" | "draining" | "stopping" = "running";
  let heardMs = Number.NEGATIVE_INFINITY;
  let started: Running | null = null;
  // The caller reports a failed start.
  running.then(
    (value) => {
      started = value;
    },
    () => {},
  );
  const stop = async (signal: keyof typeof meaning): Promise<void> => {
    if (phase === "stopping") return;
    phase = "stopping";
    process.stderr.write("stopping (a second signal ends the process at once)\n");
    setTimeout(() => {
      log.fatal({ unsaved: started?.unsaved?.() ?? [] }, "did not stop in time; the process ends now");
      end(1);
    }, stopMs).unref();
    stopEarly();
    try {
      await (await running).stop(meaning[signal]);
      await written(log);
      process.stderr.write("stopped\n");
      end(0);
    } catch (error) {
      // The code that started the server also handles this error, and ends the process.
      if (error instanceof StoppedEarly) return;
      log.fatal({ err: error }, "stopping failed");
      end(1);
    }
  };
  const heard = (signal: keyof typeof meaning): void => {
    if (performance.now() - heardMs < sameRequestMs) return;
    heardMs = performance.now();
    if (phase === "stopping") {
      process.stderr.write(`${signal} again: ending at once\n`);
      end(1);
    }
    operation.stopping();
    const draining = phase === "draining" ? null : (started?.drain?.(meaning[signal]) ?? null);
    if (draining === null) return void stop(signal);
    phase = "draining";
    process.stderr.write("draining (a second signal stops without waiting for the drain)\n");
    draining.then(() => stop(signal), failed);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, heard);
}
