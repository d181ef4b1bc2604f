import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { warningsFail } from "./warnings-fail.mjs";

/** The texts of the message tables are for the reference pages. No page of a game needs them. */
const withoutDocs = {
  name: "without-docs",
  transform: (code, id) =>
    /dialects.src.native/.test(id) ? code.replaceAll(/\bdoc:\s*"(?:[^"\\]|\\.)*"/g, 'doc: ""') : null,
};

/** How rolldown reads what a page loads. */
export const forBrowsers = {
  platform: "browser",
  plugins: [withoutDocs],
  // With the condition `development`, packages of this project resolve to their sources.
  resolve: { conditionNames: ["development", "browser", "import", "default"] },
  ...warningsFail,
};

/**
 * Bundles the SDK as a page loads it, in one minified file: an ES module, or with `iife` a script that
 * defines the global `sallyport`. The input is the sources, so no build is needed.
 */
export async function bundleForBrowsers(input = entry, format = "esm") {
  const bundle = await rolldown({ ...forBrowsers, input });
  try {
    const { output } = await bundle.generate({ format, name: "sallyport", minify: true });
    if (output.length !== 1)
      throw new Error(`expected one file, got ${output.map((each) => each.fileName).join(", ")}`);
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

/** Writes both bundles into a folder. Returns their paths. */
export async function writeBundles(folder) {
  mkdirSync(folder, { recursive: true });
  const paths = [];
  for (const [format, name] of Object.entries(bundles)) {
    const path = join(folder, name);
    writeFileSync(path, await bundleForBrowsers(entry, format));
    paths.push(path);
  }
  return paths;
}

const bundles = { esm: "sallyport-sdk.js", iife: "sallyport-sdk.iife.js" };
const entry = fileURLToPath(new URL("../packages/sdk/src/browser/index.ts", import.meta.url));
