import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { capture } from "./child.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

const pinned = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  .packageManager.replace("pnpm@", "")
  .replace(/\+.*/, "");

// With these settings, pnpm asks no questions and does not download another version of itself.
const quiet = {
  CI: "true",
  COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
  npm_config_loglevel: "error",
  npm_config_manage_package_manager_versions: "false",
};

/**
 * Runs the pnpm that package.json names: the pnpm on PATH if its major version is right, otherwise one that
 * npx downloads.
 */
export async function pnpm(...args) {
  const options = { cwd: root, env: { ...process.env, ...quiet } };
  const present = await capture("pnpm", ["--version"], options);
  const major = (version) => version.trim().split(".")[0];
  if (present.status === 0 && major(present.output) === major(pinned)) return capture("pnpm", args, options);
  const ran = await capture("npx", ["--yes", "--prefer-offline", `pnpm@${pinned}`, ...args], options);
  if (ran.status === 0 || ran.output.includes("ERR_PNPM")) return ran;
  const advice = `Could not run pnpm ${pinned} through npx. It is fetched from the npm registry the first time:
is this machine online? With pnpm ${major(pinned)} on PATH it is not needed.`;
  return { ...ran, output: `${ran.output.trim()}\n\n${advice}` };
}
