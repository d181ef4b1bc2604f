import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** What a page loads: one ES module, minified. From the sources, so that nothing has to be built before. */
export async function bundleForBrowsers(input = entry) {
  const bundle = await rolldown({
    input,
    platform: "browser",
    // `development` are the sources of this project.
    resolve: { conditionNames: ["development", "browser", "import", "default"] },
    onLog(level, log) {
      if (level === "warn") throw new Error(log.message);
    },
  });
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
