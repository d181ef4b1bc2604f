import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { forBrowsers } from "./bundle-sdk.mjs";
import { root } from "./pnpm.mjs";

const source = join(root, "packages/web-client");
/** The folder from which `sallyport up --web` serves the page. The compiler writes into `dist/page`. */
export const pageFolder = join(source, "dist/site");

/** Builds the page from its sources. Replaces file by file, because a server may read the folder meanwhile. */
export async function bundlePage(folder = pageFolder) {
  mkdirSync(folder, { recursive: true });
  const next = mkdtempSync(`${folder}-`);
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
    await bundle.write({ dir: next, format: "esm", minify: true, chunkFileNames: "[name].js" });
    cpSync(join(source, "assets"), next, { recursive: true });
    const files = readdirSync(next);
    for (const file of files) renameSync(join(next, file), join(folder, file));
    const old = readdirSync(folder).filter((file) => !files.includes(file));
    for (const file of old) rmSync(join(folder, file), { recursive: true, force: true });
  } finally {
    await bundle.close();
    rmSync(next, { recursive: true, force: true });
  }
}
