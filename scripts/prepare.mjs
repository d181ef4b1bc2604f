import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeRefusal } from "../packages/cli/node-version.mjs";
import { capture } from "./child.mjs";
import { packageFolders } from "./packages.mjs";
import { pnpm, root } from "./pnpm.mjs";

const stamp = join(root, "node_modules/.sallyport-installed");

/**
 * Installs and builds what a fresh clone needs to run. If nothing has changed since the last time, it does
 * almost nothing. Exits if a step fails.
 */
export async function prepare() {
  await install();
  await build();
}

/** With `forTests`, also installs what only tests need: one more Node, of 150 MB. */
export async function install({ forTests = false } = {}) {
  const refusal = nodeRefusal(process.versions.node);
  if (refusal !== null) fail(refusal);
  const wanted = [fingerprint(), ...(forTests ? ["for tests"] : [])];
  const present = existsSync(stamp) ? readFileSync(stamp, "utf8").split("\n") : [];
  if (wanted.every((each) => present.includes(each))) return;
  const done = say("installing packages … (first time takes about 10 s)");
  const only = forTests ? [] : ["--filter", "!@sallyport/newest-node"];
  const how = ["--frozen-lockfile", "--config.confirmModulesPurge=false"];
  const { status, output } = await pnpm("install", ...how, ...only);
  if (status !== 0) fail(`\nInstalling failed:\n${output}`);
  writeFileSync(stamp, wanted.join("\n"));
  done();
}

/** Builds all packages, and bundles the page and the command. Packages must be installed. Exits if a step fails. */
export async function build() {
  let done;
  // An incremental build that has nothing to do ends before this timer, so it prints nothing.
  const timer = setTimeout(() => {
    done = say("building …");
  }, 1_500);
  const { status, output } = await capture(process.execPath, ["node_modules/typescript/bin/tsc", "-b"], {
    cwd: root,
  });
  clearTimeout(timer);
  if (status !== 0) fail(`The build failed:\n${output}`);
  // The packages are not installed yet when this file is loaded.
  const { bundlePage } = await import("./bundle-page.mjs");
  const { bundleCommand } = await import("./bundle-command.mjs");
  await Promise.all([bundlePage(), bundleCommand()]);
  done?.();
}

/** Returns a hash of the platform and of all files that decide what must be installed. */
function fingerprint() {
  const packages = packageFolders.map((folder) => `${folder}/package.json`);
  const hash = createHash("sha256");
  hash.update(`${process.platform} ${process.arch}\n`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", "package.json", ...packages]) {
    if (existsSync(join(root, file))) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** Prints progress to stderr, because stdout belongs to the program that runs afterwards. */
function say(what) {
  const startedMs = performance.now();
  process.stderr.write(what);
  return () => process.stderr.write(` done in ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
}

function fail(message) {
  process.stderr.write(`${message.trimEnd()}\n`);
  process.exit(1);
}
