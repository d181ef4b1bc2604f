import { readFileSync } from "node:fs";

/*
 * This file is neither compiled nor bundled. So a Node that is too old can read it, and so can the scripts that install
 * and build.
 */

const manifest = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

/** The oldest version of Node that runs Sallyport, like "20.19.0". */
export const oldestNode = manifest.engines.node.replace(">=", "");

/** Returns what to tell the user of a Node that is too old, or null if this version runs Sallyport. */
export function nodeRefusal(version, path = process.execPath) {
  const [major, minor] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = oldestNode.split(".").map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return null;
  return `Sallyport needs Node ${oldestNode} or newer; this is ${version} (${path}).`;
}
