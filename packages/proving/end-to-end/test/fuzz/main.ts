import { parseCommandLine } from "./command-line.ts";
import type { Decoder } from "./decoder.ts";
import { decoders } from "./listed.ts";
import { anySeed, describeFailure, type Ran, run } from "./run.ts";

/** Each decoder runs this many times, each time with a new seed. */
const turns = 4;
const turnMsMin = 100;

/** Returns the exit code. */
export async function main(
  args: readonly string[],
  print: (line: string) => void,
  all: readonly Decoder[] = decoders,
): Promise<number> {
  const parsed = parseCommandLine(
    args,
    all.map(({ name }) => name),
  );
  if (!parsed.ok) {
    print(parsed.text.trimEnd());
    return parsed.exitCode;
  }
  const { minutes, only, seed: firstSeed, path } = parsed.value;
  const exact = all.filter(({ name }) => name === only);
  const chosen =
    exact.length > 0 ? exact : all.filter(({ name }) => only === undefined || name.startsWith(only));
  if (path !== undefined && chosen.length > 1) {
    print(`--path goes with one decoder: ${chosen.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  if (path !== undefined)
    return end([await turn(chosen[0] as Decoder, { seed: firstSeed ?? 0, runs: 1, path }, print)]);

  const startedMs = performance.now();
  const leftMs = (): number => minutes * 60_000 - (performance.now() - startedMs);
  const turnMs = Math.max(turnMsMin, (minutes * 60_000) / (chosen.length * turns));
  const ran: Ran[] = [];
  let seed = firstSeed ?? anySeed();
  while (leftMs() > 0) {
    for (const decoder of chosen) {
      if (leftMs() <= 0) break;
      const withinMs = Math.min(turnMs, leftMs());
      ran.push(await turn(decoder, { seed, withinMs }, print));
      if (ran.at(-1)?.failure) return end(ran);
    }
    seed = anySeed();
  }
  const runs = ran.reduce((sum, each) => sum + each.runs, 0);
  print(`${runs} runs of ${new Set(ran.map(({ decoder }) => decoder)).size} decoders, none failed`);
  return end(ran);
}

const end = (ran: readonly Ran[]): number => (ran.some(({ failure }) => failure !== null) ? 1 : 0);

async function turn(
  decoder: Decoder,
  options: Parameters<typeof run>[1],
  print: (line: string) => void,
): Promise<Ran> {
  const startedMs = performance.now();
  const ran = await run(decoder, options);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const { taken, refused } = ran.tally;
  print(
    `${decoder.name.padEnd(28)} ${String(ran.runs).padStart(8)} runs  ${seconds.padStart(6)} s  ${taken} taken, ${refused} refused`,
  );
  if (ran.failure !== null) print(describeFailure(decoder, ran.failure));
  return ran;
}
