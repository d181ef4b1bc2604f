import { pathToFileURL } from "node:url";
import { type Plugin, rolldown } from "rolldown";
import type { Mapped } from "./passages.ts";
import { plantOnLoad, rootFolder, type SourceFault } from "./source-fault.ts";

export interface Bundled {
  readonly code: string;
  readonly map: Mapped;
  /**
   * Whether the planted fault is in the bundle. The bundle lacks the fault if the simulation does not load
   * its file.
   */
  readonly isPlanted: boolean;
}

const at = (file: string): string => `${rootFolder}packages/proving/simulation/src/planted/${file}.ts`;

/**
 * Bundles the simulation and all servers from their sources. If `fault` is not null, one server in the bundle
 * has this planted fault.
 */
export const bundleSimulation = (fault: SourceFault | null): Promise<Bundled> =>
  bundleOf(at("simulated"), fault);

export const bundleWorker = (): Promise<Bundled> => bundleOf(at("seed-worker"), null);

async function bundleOf(input: string, fault: SourceFault | null): Promise<Bundled> {
  let isPlanted = fault === null;
  const planted = (): void => {
    isPlanted = true;
  };
  const bundle = await rolldown({
    input,
    cwd: rootFolder,
    platform: "node",
    // `development` selects the sources of this project.
    resolve: { conditionNames: ["development", "node", "import", "default"] },
    // Timings warn about a busy machine, and every warning is an error here.
    checks: { bundlerTimings: false },
    plugins: [...(fault === null ? [] : [plantOnLoad(fault, planted)]), staysWhereItIs, leaveOutside],
    onLog(level, log) {
      if (level === "warn") throw new Error(log.message);
    },
  });
  try {
    const options = { format: "esm", codeSplitting: false, sourcemap: "hidden", dir: rootFolder } as const;
    const { code, map } = (await bundle.generate(options)).output[0];
    if (map === null) throw new Error("no source map");
    return { code, map, isPlanted };
  } finally {
    await bundle.close();
  }
}

/**
 * Some sources read a file next to themselves, so each source in the bundle keeps its original
 * `import.meta.url`.
 */
const staysWhereItIs: Plugin = {
  name: "stays where it is",
  transform(code, id) {
    if (!code.includes("import.meta.url")) return null;
    return { code: code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href)), map: null };
  },
};

/** The bundle lies in another folder, so it loads installed packages by their absolute paths. */
const leaveOutside: Plugin = {
  name: "leave outside",
  async resolveId(source, importer) {
    if (importer === undefined || /^(\.|node:|@sallyport\/)/.test(source)) return null;
    const found = await this.resolve(source, importer, { skipSelf: true });
    if (found === null || found.external) return null;
    return { id: pathToFileURL(found.id).href, external: true };
  },
};
