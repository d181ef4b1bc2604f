import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adminTokenFile } from "@sallyport/operator";
import { SallyportProcess, type SallyportProcessOptions } from "@sallyport/testkit";

/** Servers in tests use this folder, and not the user's data folder. */
const data = mkdtempSync(join(tmpdir(), "sallyport-data-"));
process.on("exit", () => rmSync(data, { recursive: true, force: true }));

/** A server in this folder that was ready once has left its token there. */
export const adminHeaders = (): { readonly authorization: string } => ({
  authorization: `Bearer ${readFileSync(adminTokenFile(data), "utf8").trim()}`,
});

export function startProcess(
  args: readonly string[],
  environment: Record<string, string>,
  program: Pick<SallyportProcessOptions, "node" | "program" | "cwd" | "input"> = {},
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
