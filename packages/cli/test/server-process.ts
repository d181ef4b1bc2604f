import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build as buildPackages, SallyportProcess, type SallyportProcessOptions } from "@sallyport/testkit";

/** Server processes run built code. If only this package is tested, nothing may have been built before. */
export const build = (): void => buildPackages("packages/cli", "packages/sdk");

/** A folder for these tests, so that they do not touch the data folder of the user. */
const data = mkdtempSync(join(tmpdir(), "sallyport-data-"));
process.on("exit", () => rmSync(data, { recursive: true, force: true }));

/** Starts one `sallyport` process. */
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
