import { type ChildProcess, fork } from "node:child_process";
import type { Order, Outcome } from "./orders.ts";

const program = new URL("./attackers.js", import.meta.url);

/** The process in which the attackers run. */
export class Attacking {
  readonly #child: ChildProcess;

  /** A `niceness` of 0 gives the attackers the same share of the processor as the servers, 19 gives them the rest. */
  constructor(niceness: number) {
    this.#child = fork(program, [String(niceness)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  async order(order: Order): Promise<Extract<Outcome, { done: true }>> {
    const outcome = await new Promise<Outcome>((resolve) => {
      const settle = (settled: Outcome): void => {
        this.#child.off("message", settle);
        this.#child.off("exit", ended);
        resolve(settled);
      };
      const ended = (): void => settle({ done: false, why: "their process ended" });
      this.#child.on("message", settle);
      this.#child.on("exit", ended);
      this.#child.send(order);
    });
    if (!outcome.done) throw new Error(`the attackers failed: ${outcome.why}`);
    return outcome;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
