import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { bundleSimulation } from "./bundle-simulation.ts";
import { failsWith } from "./named-test.ts";
import { outsideFaults } from "./outside-faults.ts";
import { runSeedsOf, type Seen } from "./seed-work.ts";
import type { NamedTest, SourceFault } from "./source-fault.ts";
import { sourceFaults } from "./source-faults.ts";

/** What became of one planted fault. */
export interface PlantedResult {
  readonly name: string;
  /** Where it is; null: it is put in from outside. */
  readonly file: string | null;
  /** The rule that was broken first; null: none was. */
  readonly seenBy: string | null;
  readonly what: string | null;
  /** How many ran, with the one that broke the rule. */
  readonly seeds: number;
  /** What sees it where no seed did. */
  readonly test: (NamedTest & { readonly isFailing: boolean }) | null;
  /** The same rule is broken where nothing is planted, so this shows nothing. */
  readonly isBrokenWithout: boolean;
}

export const isSeen = ({ seenBy, test, isBrokenWithout }: PlantedResult): boolean =>
  !isBrokenWithout && (seenBy !== null || test?.isFailing === true);

export interface PlantedRun {
  readonly names: readonly string[];
  readonly from: number;
  readonly seedsMax: number;
  readonly ran: (name: string, seeds: number) => void;
  readonly ended: (result: PlantedResult) => void;
}

/** A fault of either kind. */
interface Planted {
  readonly name: string;
  readonly source: SourceFault | null;
}

const planted: readonly Planted[] = [
  ...outsideFaults.map(({ name }) => ({ name, source: null })),
  ...sourceFaults.map((source) => ({ name: source.name, source })),
];

/** Those whose name has that text in it. */
export const plantedNames = (text: string): readonly string[] =>
  planted.flatMap(({ name }) => (name.includes(text) ? [name] : []));

/** One fault after the other on each core. A fault runs the same seeds, one after the other, until one sees it. */
export async function runPlanted({ names, from, seedsMax, ran, ended }: PlantedRun): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-planted-"));
  const write = async (name: string, code: string): Promise<string> => {
    const path = join(folder, `${name}.mjs`);
    await writeFile(path, code);
    return path;
  };
  try {
    const sound = await write("sound", (await bundleSimulation(null)).code);
    const checked = new Map<number, Promise<Seen | null>>();
    const isBrokenAt = async (seed: number): Promise<boolean> => {
      const check = checked.get(seed) ?? runSeedsOf(sound, { from: seed, count: 1, outside: null }, () => {});
      checked.set(seed, check);
      return (await check) !== null;
    };
    const tried = async ({ name, source }: Planted): Promise<PlantedResult> => {
      const about = { name, file: source?.file ?? null };
      const bundled = source === null ? null : await bundleSimulation(source);
      const bundle = bundled === null ? sound : await write(String(names.indexOf(name)), bundled.code);
      const work = { from, count: seedsMax, outside: source === null ? name : null };
      // A server that is not simulated is held by tests alone.
      const isSimulated = bundled === null || bundled.isPlanted;
      const seen = isSimulated ? await runSeedsOf(bundle, work, (seeds) => ran(name, seeds)) : null;
      if (seen !== null) {
        const { seed, by, what } = seen;
        const isBrokenWithout = await isBrokenAt(seed);
        return { ...about, seenBy: by, what, seeds: seed - from + 1, test: null, isBrokenWithout };
      }
      const test =
        source?.test === undefined
          ? null
          : { ...source.test, isFailing: await failsWith(source, source.test) };
      const seeds = isSimulated ? seedsMax : 0;
      return { ...about, seenBy: null, what: null, seeds, test, isBrokenWithout: false };
    };
    const waiting = planted.filter(({ name }) => names.includes(name)).values();
    const worker = async (): Promise<void> => {
      for (const next of waiting) ended(await tried(next));
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
