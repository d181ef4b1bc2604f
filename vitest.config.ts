import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SlowFilesFirst } from "./scripts/slow-files-first.ts";

// Tests run the sources and not the build: this condition selects src/ in the exports of each package.
const resolve = { conditions: ["development"] };
const ssr = { resolve: { conditions: ["development"], externalConditions: ["development"] } };
const every = "**/test/**";
const cores = availableParallelism();
/**
 * Ends only what hangs. The longest test takes a minute on a machine that does nothing else, and ten minutes on one
 * that is slow and busy. So no test has a time of its own.
 */
const hangsMs = 900_000;
const guard = { testTimeout: hangsMs, hookTimeout: hangsMs };

export default defineConfig({
  resolve,
  ssr,
  test: {
    // Some packages have no test of their own; `npm test` fails if there is no test at all.
    passWithNoTests: true,
    sequence: { sequencer: SlowFilesFirst },
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          // Each worker loads all modules. So tests that never wait get no more workers than there are cores.
          maxWorkers: cores,
          include: [`${every}/*.test.ts`, "scripts/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.integration.test.ts", "**/*.simulation.test.ts"],
          // Loading all modules for each file would take longer than the tests. So no file may change imported modules.
          isolate: false,
          ...guard,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "simulation",
          // A simulated life makes much garbage: a tenth of the time goes to collect it in small pieces.
          execArgv: ["--max-semi-space-size=64"],
          // These run alone, after all others, because they leave no core to tests that wait for timers.
          sequence: { groupOrder: 2 },
          maxWorkers: cores,
          include: [`${every}/*.simulation.test.ts`],
          exclude: ["**/node_modules/**"],
          // As for unit tests.
          isolate: false,
          ...guard,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "integration",
          sequence: { groupOrder: 1 },
          // More than there are cores, because these tests often wait for timers and processes. All share one Postgres.
          maxWorkers: Math.min(2 * cores + 1, 8),
          include: [`${every}/*.integration.test.ts`],
          exclude: ["**/node_modules/**"],
          // As for unit tests.
          isolate: false,
          globalSetup: [new URL("packages/proving/testkit/src/global-setup.ts", import.meta.url).pathname],
          ...guard,
        },
      },
    ],
  },
});
