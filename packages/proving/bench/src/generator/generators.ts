import { fileURLToPath } from "node:url";
import type { Rig } from "@sallyport/rig";
import type { SallyportProcess } from "@sallyport/testkit";
import { addedUp } from "../added-up.ts";
import type { Count, CrowdLoad, Load, Order, ReclaimLoad, WalkLoad } from "./orders.ts";

const program = fileURLToPath(new URL("../../dist/generator/main.js", import.meta.url));

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

  /** Starts the load, and divides its accounts and clients among the processes. */
  play(load: Load): void {
    for (const [process, accounts, share] of this.#shares(load.accounts, load.clients)) {
      const timesMax = load.timesMax === null ? null : share(load.timesMax);
      order(process, { type: "play", load: { ...load, accounts, timesMax, clients: share(load.clients) } });
    }
  }

  /** Sends the order to all processes, and adds their answers. */
  async ask(type: "count" | "wait" | "stop" | "leave"): Promise<Count> {
    return total(await Promise.all(this.#processes.map((process) => answerOf(process, { type }))));
  }

  async come(load: CrowdLoad): Promise<Count> {
    const answers = this.#shares(load.accounts, load.atOnce).map(([process, accounts, share]) =>
      answerOf(process, { type: "come", load: { ...load, accounts, atOnce: share(load.atOnce) } }),
    );
    return total(await Promise.all(answers));
  }

  async walk(load: WalkLoad): Promise<Count> {
    return total(
      await Promise.all(this.#processes.map((process) => answerOf(process, { type: "walk", load }))),
    );
  }

  /** The first process plants all the locks. */
  plant(load: ReclaimLoad): Promise<Count> {
    return answerOf(this.#first, { type: "plant", load });
  }

  reclaim(by: ReclaimLoad["by"]): Promise<Count> {
    return answerOf(this.#first, { type: "reclaim", by });
  }

  get #first(): SallyportProcess {
    const [first] = this.#processes;
    if (first === undefined) throw new Error("there is no generator");
    return first;
  }

  /** A process that gets no clients gets no accounts. */
  #shares(accounts: readonly string[], clients: number) {
    const shares = Math.min(this.#processes.length, clients);
    return this.#processes.map((process, nth) => {
      const isBusy = nth < shares;
      const own = accounts.filter((_, index) => isBusy && index % shares === nth);
      const share = (whole: number): number => (isBusy ? Math.floor((whole + shares - 1 - nth) / shares) : 0);
      return [process, own, share] as const;
    });
  }
}

export const total = (counts: readonly Count[]): Count => ({
  durationsMs: counts.flatMap(({ durationsMs }) => durationsMs),
  failures: addedUp(counts.map(({ failures }) => failures)),
  bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
});

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
