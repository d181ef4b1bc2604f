import { createViteServer } from "vitest/node";
import { root } from "./pnpm.mjs";
import { install } from "./prepare.mjs";

process.chdir(root);
await install();

// The fuzzer runs the sources, as the tests do, and not the build.
const conditions = ["development", "node"];
const vite = await createViteServer({
  configFile: false,
  root,
  logLevel: "error",
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  ssr: { resolve: { conditions, externalConditions: conditions } },
});
try {
  const { main } = await vite.ssrLoadModule("/packages/proving/end-to-end/test/fuzz/main.ts");
  process.exitCode = await main(process.argv.slice(2), (line) => console.log(line));
} finally {
  await vite.close();
}
