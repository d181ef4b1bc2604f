import { gzipSync } from "node:zlib";
import { install } from "./prepare.mjs";

await install();
// This import comes after `install`, because the module needs the installed packages.
const { bundleForBrowsers } = await import("./bundle-sdk.mjs");
const code = Buffer.from(await bundleForBrowsers());
const kilobytes = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;
console.log(`@sallyport/sdk/browser, everything it needs included, as one ES module:
  minified  ${kilobytes(code.length)}
  gzip      ${kilobytes(gzipSync(code, { level: 9 }).length)}`);
