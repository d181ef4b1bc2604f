import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Bundled, bundleSimulation, bundleWorker } from "./bundle-simulation.ts";
import { failsWith } from "./named-test.ts";
import { outsideFaults } from "./outside-faults.ts";
import { Reach } from "./reach.ts";
import { runSeedsOf, type Seen } from "./seed-work.ts";
import type { NamedTest, SourceFault } from "./source-fault.ts";
import { sourceFaults } from "./source-faults.ts";

export interface PlantedResult {
  readonly name: string;
  /** The source file that has the fault. Null if the fault is not in a source file. */
  readonly file: string | null;
  /** The rule that broke first. Null if none broke. */
  readonly seenBy: string | null;
  readonly what: string | null;
  /** The number of seeds that ran, including the seed that broke the rule. */
  readonly seeds: number;
  /** The test that has to find the fault. Null if a seed found the fault. */
  readonly test: (NamedTest & { readonly isFailing: boolean }) | null;
  /** True if the same rule also breaks without the fault. This result then proves nothing. */
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

interface Planted {
  readonly name: string;
  readonly source: SourceFault | null;
}

const planted: readonly Planted[] = [
  ...outsideFaults.map(({ name }) => ({ name, source: null })),
  ...sourceFaults.map((source) => ({ name: source.name, source })),
];

export const plantedNames = (text: string): readonly string[] =>
  planted.flatMap(({ name }) => (name.includes(text) ? [name] : []));

/**
 * Runs all planted faults, several at the same time. Each fault runs on the same list of seeds until a seed
 * finds it. Seeds that do not run the changed code are left out.
 */
export async function runPlanted({ names, from, seedsMax, ran, ended }: PlantedRun): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-planted-"));
  const write = async (name: string, { code }: Bundled): Promise<string> => {
    const path = join(folder, `${name}.mjs`);
    await writeFile(path, code);
    return path;
  };
  try {
    const wanted = planted.filter(({ name }) => names.includes(name));
    const script = await write("worker", await bundleWorker());
    const soundBundle = await bundleSimulation(null);
    const sound = pathToFileURL(await write("sound", soundBundle)).href;
    const reach = new Reach({ script, sound, bundled: soundBundle, faults: wanted.flatMap(sourceOf) });

    const isBroken = new Map<number, Promise<boolean>>();
    const isBrokenAt = (seed: number): Promise<boolean> => {
      const work = { bundle: sound, seeds: [seed], outside: null, passages: null };
      const check = isBroken.get(seed) ?? runSeedsOf(script, work, () => {}).then((seen) => seen !== null);
      isBroken.set(seed, check);
      return check;
    };
    const sees = async ({ name, source }: Planted, bundle: string): Promise<Seen | null> => {
      for (const batch of batchesOf(from, seedsMax)) {
        const isFirst = batch[0] === from;
        const seeds = source === null || isFirst ? batch : await reach.seedsOf(source, batch);
        if (seeds.length === 0) continue;
        const work = { bundle, seeds, outside: source === null ? name : null, passages: null };
        const seen = await runSeedsOf(script, work, ({ seed }) => ran(name, seed - from + 1));
        if (seen !== null) return seen;
      }
      return null;
    };
    const tried = async (each: Planted): Promise<PlantedResult> => {
      const { name, source } = each;
      const about = { name, file: source?.file ?? null };
      const bundled = source === null ? soundBundle : await bundleSimulation(source);
      const bundle =
        source === null ? sound : pathToFileURL(await write(String(names.indexOf(name)), bundled)).href;
      // The simulation does not load every server. Planted faults in other servers are covered only by tests.
      const seen = bundled.isPlanted ? await sees(each, bundle) : null;
      if (seen !== null) {
        const { seed, by, what } = seen;
        const isBrokenWithout = await isBrokenAt(seed);
        return { ...about, seenBy: by, what, seeds: seed - from + 1, test: null, isBrokenWithout };
      }
      const test =
        source?.test === undefined
          ? null
          : { ...source.test, isFailing: await failsWith(source, source.test) };
      const seeds = bundled.isPlanted ? seedsMax : 0;
      return { ...about, seenBy: null, what: null, seeds, test, isBrokenWithout: false };
    };
    const waiting = wanted.values();
    const worker = async (): Promise<void> => {
      for (const next of waiting) ended(await tried(next));
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const sourceOf = ({ source }: Planted): readonly SourceFault[] => (source === null ? [] : [source]);

/**
 * Splits the seeds into batches. The first batch is small, because the first few seeds find many planted
 * faults. There are few batches, because each batch of a fault costs a new thread.
 */
function batchesOf(from: number, seedsMax: number): readonly (readonly number[])[] {
  const bounds = [0, ...[20, 200, 800].filter((bound) => bound < seedsMax), seedsMax];
  return bounds.slice(1).map((end, nth) => {
    const begin = bounds[nth] ?? 0;
    return Array.from({ length: end - begin }, (_, place) => from + begin + place);
  });
}
