import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** How rolldown reads what a page loads. A warning fails the build. */
export const forBrowsers = {
  platform: "browser",
  // With the condition `development`, packages of this project resolve to their sources.
  resolve: { conditionNames: ["development", "browser", "import", "default"] },
  onLog(level, log) {
    if (level === "warn") throw new Error(log.message);
  },
};

/**
 * Bundles the SDK as a page loads it: one minified ES module. The input is the sources, so no build is
 * needed.
 */
export async function bundleForBrowsers(input = entry) {
  const bundle = await rolldown({ ...forBrowsers, input });
  try {
    const { output } = await bundle.generate({ format: "esm", minify: true });
    if (output.length !== 1)
      throw new Error(`expected one file, got ${output.map((each) => each.fileName).join(", ")}`);
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

const entry = fileURLToPath(new URL("../packages/sdk/src/browser/index.ts", import.meta.url));
