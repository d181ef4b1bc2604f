import { parseArgs } from "node:util";

export interface CommandLine {
  readonly minutes: number;
  readonly seed?: number;
  readonly path?: string;
  readonly only?: string;
}

export type ParsedCommandLine =
  | { readonly ok: true; readonly value: CommandLine }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

const usage = `Usage: npm run fuzz -- [options]

Spoils what the decoders of Sallyport read, and holds them to what is promised.

  --minutes <n>     how long, with new seeds all the time  [1]
  --only <decoder>  this decoder, or those that begin so
  --seed <n>        begin with this seed
  --path <path>     with one decoder and a seed: the one run that failed
  --list            the decoders
  --help
`;

/** Exits with 1 when a property failed, and with 2 when it was not asked rightly. */
export function parseCommandLine(args: readonly string[], names: readonly string[]): ParsedCommandLine {
  const wrong = (why: string): ParsedCommandLine => ({ ok: false, exitCode: 2, text: `${why}\n\n${usage}` });
  let values: Record<string, string | boolean | undefined>;
  try {
    const text = { type: "string" } as const;
    const flag = { type: "boolean" } as const;
    const options = { minutes: text, only: text, seed: text, path: text, list: flag, help: flag };
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    return wrong((error as Error).message);
  }
  if (values["help"]) return { ok: false, exitCode: 0, text: usage };
  if (values["list"]) return { ok: false, exitCode: 0, text: `${names.join("\n")}\n` };
  const { minutes = "1", seed, only, path } = values as { [name: string]: string | undefined };
  if (!/^\d+(\.\d+)?$/.test(minutes) || Number(minutes) === 0)
    return wrong("--minutes takes a number above 0.");
  if (seed !== undefined && !/^\d{1,10}$/.test(seed)) return wrong("--seed takes a whole number.");
  if (path !== undefined && !/^\d+(:\d+)*$/.test(path))
    return wrong("--path takes numbers with colons between.");
  const chosen = names.filter((name) => only === undefined || name.startsWith(only));
  if (chosen.length === 0) return wrong(`There is no decoder ${only}; --list has them.`);
  if (path !== undefined && (seed === undefined || only === undefined)) {
    return wrong("--path goes with --seed and --only.");
  }
  return {
    ok: true,
    value: {
      minutes: Number(minutes),
      ...(seed !== undefined && { seed: Number(seed) }),
      ...(path !== undefined && { path }),
      ...(only !== undefined && { only }),
    },
  };
}
