import { defineConfig } from "vitest/config";

// Sources are run, not builds: the condition picks src/ in each package's exports.
const resolve = { conditions: ["development"] };
const ssr = { resolve: { conditions: ["development"], externalConditions: ["development"] } };
const every = "**/test/**";

export default defineConfig({
  resolve,
  ssr,
  test: {
    // Some packages have no test of their own; `npm test` fails when there is none at all.
    passWithNoTests: true,
    // More than there may be cores: most of an integration test is waiting for timers.
    maxWorkers: 3,
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: [`${every}/*.test.ts`, "scripts/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.integration.test.ts", "**/*.simulation.test.ts"],
          // Loading all modules anew for each file would take longer than the tests. So no file may change what others import.
          isolate: false,
          // Properties are tried hundreds of times, on machines of any load.
          testTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "simulation",
          // By themselves, after all others: they leave no core to those who wait for timers.
          sequence: { groupOrder: 1 },
          include: [`${every}/*.simulation.test.ts`],
          exclude: ["**/node_modules/**"],
          testTimeout: 900_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "integration",
          include: [`${every}/*.integration.test.ts`],
          exclude: ["**/node_modules/**"],
          globalSetup: [new URL("packages/proving/testkit/src/global-setup.ts", import.meta.url).pathname],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
