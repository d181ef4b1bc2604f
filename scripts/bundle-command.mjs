import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { root } from "./pnpm.mjs";
import { replaceFiles } from "./replace-files.mjs";
import { warningsFail } from "./warnings-fail.mjs";

/** These packages have native code or files of their own, or only a game needs them. */
const outside = /^(argon2|@electric-sql\/pglite|tsx)(\/|$)/;

/** Bundles the built command `sallyport` with its libraries. docs/decisions/0026 says why. */
export async function bundleCommand() {
  const dist = join(root, "packages/cli/dist");
  await bundleProgram(join(dist, "main.js"), join(dist, "bundle"));
  writeCommand(dist);
}

/**
 * Writes the file that is run. The bundle is imported last, because a Node that is too old cannot even read it: that
 * Node would print a SyntaxError.
 */
export function writeCommand(dist) {
  writeFileSync(
    join(dist, "sallyport.js"),
    `#!/usr/bin/env node
import { nodeRefusal } from "../node-version.mjs";

const refusal = nodeRefusal(process.versions.node);
if (refusal === null) {
  await import("./bundle/main.js");
} else {
  process.stderr.write(refusal + "\\n");
  process.exitCode = 1;
}
`,
  );
}

/** Bundles a program into `folder`, unless none of the bundled files has changed. */
export async function bundleProgram(main, folder) {
  if (isFresh(folder)) return;
  const bundle = await rolldown({
    input: { main },
    cwd: root,
    platform: "node",
    plugins: [filesStay(folder), leaveOutside(folder)],
    ...warningsFail,
  });
  try {
    await replaceFiles(folder, async (next) => {
      await bundle.write({ dir: next, format: "esm" });
      const inputs = [fileURLToPath(import.meta.url), ...(await bundle.watchFiles)];
      const states = inputs.map((file) => [relative(folder, file), stateOf(file)]);
      writeFileSync(join(next, inputsName), JSON.stringify(states));
    });
  } finally {
    await bundle.close();
  }
}

/** The bundled files, each with its state at that time. In a copy of the project, these are the files of the copy. */
const inputsName = "inputs.json";

function isFresh(folder) {
  const inputs = join(folder, inputsName);
  return (
    existsSync(inputs) &&
    JSON.parse(readFileSync(inputs, "utf8")).every(([file, state]) => stateOf(join(folder, file)) === state)
  );
}

function stateOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "none" : `${stat.mtimeMs} ${stat.size}`;
}

/** Bundled code finds the files beside its module as before, also if the whole project is moved. */
const filesStay = (folder) => ({
  name: "files-stay",
  transform(code, id) {
    // The module of the bundler itself has no file.
    if (!code.includes("import.meta.url") || id.startsWith("\0")) return null;
    const there = `new URL(${JSON.stringify(relative(folder, id))}, import.meta.url).href`;
    return { code: code.replaceAll("import.meta.url", there), map: null };
  },
});

const leaveOutside = (folder) => ({
  name: "leave-outside",
  async resolveId(source, importer) {
    if (importer === undefined || !outside.test(source)) return null;
    const found = await this.resolve(source, importer, { skipSelf: true });
    return { id: relative(folder, found.id), external: "absolute" };
  },
});
