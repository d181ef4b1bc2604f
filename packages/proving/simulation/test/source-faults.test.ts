import { existsSync, readFileSync } from "node:fs";
import { transformSync } from "rolldown/utils";
import { expect, test } from "vitest";
import { outsideFaults } from "../src/planted/outside-faults.ts";
import { plantIn, rootFolder } from "../src/planted/source-fault.ts";
import { sourceFaults } from "../src/planted/source-faults.ts";

const read = (path: string): string => readFileSync(rootFolder + path, "utf8");

const shipping = ["login-server", "char-server", "map-server", "server-kit", "gateway", "lock-store"];

test.each(shipping)("faults are planted in %s, which is part of the product", (name) => {
  const manifest = JSON.parse(read("packages/cli/package.json")) as { dependencies: object };
  expect(manifest.dependencies).toHaveProperty(`@sallyport/${name}`);
  const planted = sourceFaults.filter(({ file }) => file.startsWith(`packages/${name}/src/`));
  expect(planted.length).toBeGreaterThan(2);
});

test("each passage that a planted fault replaces exists exactly once", () => {
  for (const fault of sourceFaults) {
    const source = read(fault.file);
    expect(plantIn(source, fault), fault.name).not.toBe(source);
  }
});

test("a passage that is missing, or there more than once, is an error", () => {
  const fault = { name: "a mistake", file: "one.ts", find: "a", put: "b", note: "" };
  expect(() => plantIn("b", fault)).toThrow(/"a mistake": its passage occurs 0 times in one.ts/);
  expect(() => plantIn("a a", fault)).toThrow(/2 times/);
  expect(plantIn("a $&", { ...fault, put: "$&" })).toBe("$& $&");
});

test("a source with its planted fault is still a valid program", () => {
  const broken = sourceFaults.flatMap((fault) => {
    const { errors } = transformSync(fault.file, plantIn(read(fault.file), fault));
    return errors.map(({ message }) => `${fault.name}: ${message}`);
  });
  expect(broken).toEqual([]);
});

test("planted faults have names of their own", () => {
  const names = [...outsideFaults, ...sourceFaults].map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

test("each fault in a server names a test that fails with it, and that test exists", () => {
  const missing = sourceFaults.flatMap(({ name, test: named }) => {
    if (named === undefined) return [`${name}: no test`];
    const isThere = existsSync(rootFolder + named.file) && read(named.file).includes(named.title);
    return isThere ? [] : [`${named.file} › ${named.title}`];
  });
  expect(missing).toEqual([]);
});
