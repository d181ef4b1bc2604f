import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { forBrowsers } from "./bundle-sdk.mjs";
import { root } from "./pnpm.mjs";
import { replaceFiles } from "./replace-files.mjs";

const source = join(root, "packages/web-client");
/** The folder from which `sallyport up --web` serves the page. The compiler writes into `dist/page`. */
export const pageFolder = join(source, "dist/site");

/** Builds the page from its sources. */
export async function bundlePage(folder = pageFolder) {
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const bundle = await rolldown({
    ...forBrowsers,
    transform: { define: { pageVersion: JSON.stringify(version) } },
    input: {
      main: join(source, "src/page/main.ts"),
      // The page starts this file as a worker. Both share one chunk, so nothing is loaded twice.
      "proof-worker": join(source, "src/page/proof-worker.ts"),
    },
  });
  try {
    await replaceFiles(folder, async (next) => {
      await bundle.write({ dir: next, format: "esm", minify: true, chunkFileNames: "[name].js" });
      cpSync(join(source, "assets"), next, { recursive: true });
    });
  } finally {
    await bundle.close();
  }
}
