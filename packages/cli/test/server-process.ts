import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build as buildPackages, SallyportProcess, type SallyportProcessOptions } from "@sallyport/testkit";

/** Processes run what was built; a test of one package alone may come before any build. */
export const build = (): void => buildPackages("packages/cli", "packages/sdk");

/** Not the data folder of whoever runs the tests. */
const data = mkdtempSync(join(tmpdir(), "sallyport-data-"));
process.on("exit", () => rmSync(data, { recursive: true, force: true }));

/** Starts one `sallyport` process of the test's own. */
export function startProcess(
  args: readonly string[],
  environment: Record<string, string>,
  program: Pick<SallyportProcessOptions, "program" | "cwd"> = {},
): SallyportProcess {
  const started = new SallyportProcess({
    name: `sallyport ${args.join(" ")}`,
    args,
    environment: { LOG_LEVEL: "info", ...environment },
    folder: data,
    ...program,
  });
  started.spawn();
  return started;
}
