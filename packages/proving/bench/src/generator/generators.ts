import { fileURLToPath } from "node:url";
import type { Rig } from "@sallyport/rig";
import type { SallyportProcess } from "@sallyport/testkit";
import { addedUp } from "../added-up.ts";
import type { Count, HopLoad, Order } from "./orders.ts";

const program = fileURLToPath(new URL("../../dist/generator/main.js", import.meta.url));

/** Processes that share a load. */
export class Generators {
  readonly #processes: readonly SallyportProcess[];

  private constructor(processes: readonly SallyportProcess[]) {
    this.#processes = processes;
  }

  static async start(rig: Rig, count: number): Promise<Generators> {
    const processes: SallyportProcess[] = [];
    for (let nth = 1; nth <= count; nth += 1) {
      const options = { program: [program], args: [], environment: {}, hasChannel: true };
      const process = await rig.newServer({ name: `generator-${nth}`, ...options });
      rig.stopAlso(() => process.stop());
      process.spawn();
      processes.push(process);
    }
    return new Generators(processes);
  }

  get pids(): readonly number[] {
    return this.#processes.map(({ child }) => child?.pid ?? 0);
  }

  /** Divides accounts and clients among the processes. */
  play(load: HopLoad): void {
    const shares = Math.min(this.#processes.length, load.clients);
    const shareOf = (whole: number, nth: number): number =>
      nth >= shares ? 0 : Math.floor((whole + shares - 1 - nth) / shares);
    for (const [nth, process] of this.#processes.entries()) {
      const accounts = load.accounts.filter((_, index) => index % shares === nth);
      const hopsMax = load.hopsMax === null ? null : shareOf(load.hopsMax, nth);
      order(process, {
        type: "play",
        load: { ...load, accounts, hopsMax, clients: shareOf(load.clients, nth) },
      });
    }
  }

  /** Asks all processes, and adds up their answers. */
  async ask(type: "count" | "wait" | "stop"): Promise<Count> {
    const counts = await Promise.all(this.#processes.map((process) => answerOf(process, { type })));
    return {
      durationsMs: counts.flatMap(({ durationsMs }) => durationsMs),
      failures: addedUp(counts.map(({ failures }) => failures)),
      bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }
}

function order({ name, child }: SallyportProcess, what: Order): void {
  if (child === null) throw new Error(`${name} does not run`);
  child.send(what);
}

async function answerOf(process: SallyportProcess, what: Order): Promise<Count> {
  const answer = new Promise<Count>((resolve) =>
    process.child?.once("message", (count) => resolve(count as Count)),
  );
  order(process, what);
  const ended = process.untilEnded().then(() => {
    throw new Error(`${process.name} ended:\n${process.tail}`);
  });
  return Promise.race([answer, ended]);
}
