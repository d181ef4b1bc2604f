import { pathToFileURL } from "node:url";
import { type Plugin, rolldown } from "rolldown";
import { plantOnLoad, rootFolder, type SourceFault } from "./source-fault.ts";

export interface Bundled {
  readonly code: string;
  /** False: the simulation does not have the file of the fault. */
  readonly isPlanted: boolean;
}

const entry = `${rootFolder}packages/simulation/src/planted/seed-worker.ts`;

/** The worker with all servers, from their sources, and with the fault in one of them; null: with none. */
export async function bundleSimulation(fault: SourceFault | null): Promise<Bundled> {
  let isPlanted = fault === null;
  const plant =
    fault === null
      ? []
      : [
          plantOnLoad(fault, () => {
            isPlanted = true;
          }),
        ];
  const bundle = await rolldown({
    input: entry,
    platform: "node",
    // `development` are the sources of this project.
    resolve: { conditionNames: ["development", "node", "import", "default"] },
    plugins: [...plant, staysWhereItIs, leaveOutside],
    onLog(level, log) {
      if (level === "warn") throw new Error(log.message);
    },
  });
  try {
    const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
    return { code: output[0].code, isPlanted };
  } finally {
    await bundle.close();
  }
}

/** Some read a file beside their own. */
const staysWhereItIs: Plugin = {
  name: "stays where it is",
  transform(code, id) {
    if (!code.includes("import.meta.url")) return null;
    return code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href));
  },
};

/** What was installed is loaded from where it is: the bundle runs from another folder. */
const leaveOutside: Plugin = {
  name: "leave outside",
  async resolveId(source, importer) {
    if (importer === undefined || /^(\.|node:|@sallyport\/)/.test(source)) return null;
    const found = await this.resolve(source, importer, { skipSelf: true });
    if (found === null || found.external) return null;
    return { id: pathToFileURL(found.id).href, external: true };
  },
};
