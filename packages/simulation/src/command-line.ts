import { parseArgs } from "node:util";

export interface CommandLine {
  /** The first seed, or the only one; null: any. */
  readonly seed: number | null;
  readonly seeds: number;
  readonly forMs: number;
  readonly isLogged: boolean;
  readonly without: readonly string[];
}

export type ParsedCommandLine =
  | { readonly ok: true; readonly value: CommandLine }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

const usage = `Usage: npm run simulate -- [options]

Runs the real servers and clients under one seed after another, which rule time, chance, network, stores and
deaths, and looks whether what is promised holds. See docs/testing.md.

  --for <time>       how long, as 90s, 10m or 2h  [1m]
  --seeds <n>        how many seeds, instead of a time
  --seed <n>         this one seed; with --for or --seeds, the first one
  --log              with one seed: everything that happens, line by line
  --without <list>   with one seed: clients and faults to leave out, as a failure names them
  --help
`;

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 };

export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  const wrong = (why: string): ParsedCommandLine => ({ ok: false, exitCode: 2, text: `${why}\n\n${usage}` });
  let values: { readonly [name: string]: string | boolean | undefined };
  try {
    const text = { type: "string" } as const;
    const flag = { type: "boolean" } as const;
    const options = { for: text, seeds: text, seed: text, without: text, log: flag, help: flag };
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    return wrong((error as Error).message);
  }
  if (values["help"]) return { ok: false, exitCode: 0, text: usage };
  const { seeds, seed, for: time, without } = values as { readonly [name: string]: string | undefined };
  if (seed !== undefined && !/^\d{1,10}$/.test(seed)) return wrong("--seed takes a whole number.");
  if (seeds !== undefined && !/^[1-9]\d{0,9}$/.test(seeds)) return wrong("--seeds takes a number above 0.");
  const [, count, unit] = /^(\d+)([smh])$/.exec(time ?? "1m") ?? [];
  if (count === undefined || unit === undefined) return wrong("--for takes a time like 90s, 10m or 2h.");
  const isOne = seed !== undefined && seeds === undefined && time === undefined;
  const isLogged = values["log"] === true;
  if (!isOne && (isLogged || without !== undefined)) return wrong("--log and --without go with one seed.");
  return {
    ok: true,
    value: {
      seed: seed === undefined ? null : Number(seed),
      seeds: isOne ? 1 : seeds === undefined ? Number.POSITIVE_INFINITY : Number(seeds),
      forMs:
        isOne || seeds !== undefined
          ? Number.POSITIVE_INFINITY
          : Number(count) * unitMs[unit as keyof typeof unitMs],
      isLogged,
      without: without?.split(",") ?? [],
    },
  };
}
