import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleForBrowsers } from "./bundle-sdk.mjs";

/*
 * These bounds are for the numbers that `npm run sdk-size` prints. A dependency that does not belong in a
 * page would exceed them.
 */

let code: Buffer;
beforeAll(async () => {
  code = Buffer.from(await bundleForBrowsers());
});

describe("the SDK as a page loads it", () => {
  test("is at most 130 kB minified and 48 kB compressed", () => {
    expect(code.length).toBeLessThan(130_000);
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(48_000);
  });

  test("has none of the texts that describe messages", () => {
    expect(code.toString()).not.toContain("An order of a gamemaster.");
  });

  test("is one module without imports, and exports all that a game needs", () => {
    const text = code.toString();
    expect(text).not.toMatch(/\bimport\s*[{*"'`(]|\brequire\(|from\s*["'`]/);
    const exported = /export\{([^}]*)\};?\s*$/.exec(text)?.[1] ?? "";
    const names = exported.split(",").map((each) => each.split(" as ").at(-1));
    expect(names).toEqual(expect.arrayContaining(["createClient", "transportTo", "leastCrowded"]));
  });
});
