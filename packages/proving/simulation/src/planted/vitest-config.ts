import { plantedVariable } from "./named-test.ts";
import { plantOnLoad, rootFolder } from "./source-fault.ts";
import { sourceFaults } from "./source-faults.ts";

const name = process.env[plantedVariable];
const fault = sourceFaults.find((each) => each.name === name);
if (fault === undefined) throw new Error(`no planted fault: ${name}`);

// biome-ignore lint/style/noDefaultExport: Vitest reads it so.
export default {
  root: rootFolder,
  plugins: [plantOnLoad(fault)],
  resolve: { conditions: ["development"] },
  ssr: { resolve: { conditions: ["development"], externalConditions: ["development"] } },
  test: { include: ["packages/*/test/**/*.test.ts"], testTimeout: 60_000 },
};
