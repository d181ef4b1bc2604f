import type { SallyportProcess } from "@sallyport/testkit";

export interface Gateway {
  readonly process: SallyportProcess;
  /** Port for clients of map-servers. */
  readonly port: number;
}

/** Processor seconds that a process used so far, in user and system mode. */
export async function cpuSeconds(server: SallyportProcess): Promise<number> {
  const seconds = (await server.metrics()).value("process_cpu_seconds_total");
  // A process that answers has used some processor time, so 0 means that the metric is missing.
  if (seconds === 0) throw new Error(`${server.adminUrl} does not say what its process took`);
  return seconds;
}

/** Processor seconds of the gateway and of all other processes. */
interface Cost {
  readonly others: number;
  readonly gateway: number;
}

interface Measured {
  readonly what: string;
  /** Number of operations in all rounds, for each way. */
  readonly count: number;
  readonly rounds: number;
  /** Processor seconds that all processes except the gateway have used so far. */
  readonly others: () => Promise<number>;
  readonly gateway: SallyportProcess;
}

export interface Compared extends Pick<Measured, "what" | "count"> {
  readonly direct: Cost;
  readonly through: Cost;
}

const ways = ["direct", "through"] as const;

/** Alternates rounds with and without the gateway, so that other load on the machine affects both. */
export async function compare(
  { what, count, rounds, others, gateway }: Measured,
  round: (way: (typeof ways)[number]) => Promise<unknown>,
): Promise<Compared> {
  const costs = { direct: { others: 0, gateway: 0 }, through: { others: 0, gateway: 0 } };
  // The first round does not count, because code is slower when it runs for the first time.
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
