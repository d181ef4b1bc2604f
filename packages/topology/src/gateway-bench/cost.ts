import type { ServerProcess } from "../server-process.ts";

/** Processor seconds that a process took so far, in its own code and in the system's. */
export async function cpuSeconds(server: ServerProcess): Promise<number> {
  const seconds = (await server.metrics()).value("process_cpu_seconds_total");
  // Whoever answers has taken some.
  if (seconds === 0) throw new Error(`${server.adminUrl} does not say what its process took`);
  return seconds;
}

/** Processor seconds by who took them. */
interface Cost {
  readonly others: number;
  readonly gateway: number;
}

interface Measured {
  readonly what: string;
  /** In all rounds together, each way. */
  readonly count: number;
  readonly rounds: number;
  /** What all but the gateway took so far. */
  readonly others: () => Promise<number>;
  readonly gateway: ServerProcess;
}

export interface Compared extends Pick<Measured, "what" | "count"> {
  readonly direct: Cost;
  readonly through: Cost;
}

const ways = ["direct", "through"] as const;

/** Does a round each way, in turns, so that what else the machine does meanwhile falls on both. */
export async function compare(
  { what, count, rounds, others, gateway }: Measured,
  round: (way: (typeof ways)[number]) => Promise<unknown>,
): Promise<Compared> {
  const costs = { direct: { others: 0, gateway: 0 }, through: { others: 0, gateway: 0 } };
  // One round more, before anything counts: code that runs for the first time is slower.
  for (let nth = -1; nth < rounds; nth += 1) {
    for (const way of ways) {
      const [othersBefore, gatewayBefore] = [await others(), await cpuSeconds(gateway)];
      await round(way);
      if (nth < 0) continue;
      costs[way].others += (await others()) - othersBefore;
      costs[way].gateway += (await cpuSeconds(gateway)) - gatewayBefore;
    }
  }
  return { what, count, ...costs };
}

export function describe({ what, count, direct, through }: Compared): string {
  const ms = (seconds: number): string => `${((seconds * 1_000) / count).toFixed(2)} ms`;
  const all = through.others + through.gateway;
  return [
    `${count} ${what} each way`,
    `  processor through the gateway / without it   ${(all / direct.others).toFixed(2)}`,
    `  of that the gateway itself                   ${(through.gateway / direct.others).toFixed(2)}`,
    `  (one: ${ms(direct.others)} without; ${ms(through.others)} and the gateway's ${ms(through.gateway)} through it)`,
  ].join("\n");
}
