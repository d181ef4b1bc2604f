import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageFolders } from "./packages.mjs";
import { pnpm, root } from "./pnpm.mjs";
import { prepare } from "./prepare.mjs";

/*
 * Creates a folder that runs `sallyport` and has nothing else: the build of the packages that the command needs, their
 * other shipped files, and production dependencies. The image is built from it.
 *
 *     node scripts/release.mjs <folder>
 */

const command = "@sallyport/cli";
const target = resolve(process.argv[2] ?? "release");
if (existsSync(target) && readdirSync(target).length > 0) fail(`${target} is not empty`);

await prepare();
const shipped = packagesOf(command);
for (const { folder, manifest } of shipped) {
  mkdirSync(join(target, folder), { recursive: true });
  for (const file of ["package.json", ...(manifest.files ?? ["dist"])]) {
    cpSync(join(root, folder, file), join(target, folder, file), { recursive: true, filter: isNeeded });
  }
}
for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "LICENSE"]) {
  cpSync(join(root, file), join(target, file));
}
const install = ["install", "--prod", "--frozen-lockfile", "--filter", `${command}...`];
const { status, output } = await pnpm("--dir", target, ...install, "--config.confirmModulesPurge=false");
if (status !== 0) fail(`Installing failed:\n${output}`);
rmSync(join(target, "pnpm-lock.yaml"));
console.log(`${target}: ${shipped.length} packages; run node packages/cli/dist/sallyport.js there`);

/**
 * Returns the package with this name, and all packages of the project that it needs, directly or indirectly.
 */
function packagesOf(name) {
  const all = packageFolders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return { folder, manifest };
  });
  const found = new Set();
  const find = (wanted) => {
    const here = all.find(({ manifest }) => manifest.name === wanted);
    if (here === undefined || found.has(here)) return;
    found.add(here);
    for (const dependency of Object.keys(here.manifest.dependencies ?? {})) find(dependency);
  };
  find(name);
  return [...found];
}

/** Returns true if a package needs the file to run. Only a build needs type declarations. */
function isNeeded(path) {
  return !/\.d\.ts(\.map)?$|\.tsbuildinfo$/.test(path);
}

function fail(message) {
  process.stderr.write(`${message.trimEnd()}\n`);
  process.exit(1);
}
