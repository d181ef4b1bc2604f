import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Builds these packages. Server processes run built code, and a test may run before anything was built. */
export function build(...folders: readonly string[]): void {
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", ...folders], { cwd: root, stdio: "inherit" });
}
