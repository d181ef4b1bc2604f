import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Builds these packages. Processes run built code, and a test of one package may come before any build. */
export function build(...folders: readonly string[]): void {
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", ...folders], { cwd: root, stdio: "inherit" });
}
