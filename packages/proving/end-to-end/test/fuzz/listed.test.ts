import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { protocolFolders } from "@sallyport/front";
import { expect, test } from "vitest";
import { packageFolders } from "../../../../../scripts/packages.mjs";
import { frontProtocolsListed } from "./front-decoders.ts";
import { decoders, listedDialects, listedTables } from "./listed.ts";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));

const sources = packageFolders.flatMap((name) => {
  if (name === "packages/wire") return [];
  const folder = `${root}${name}/src`;
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(`${folder}/${path}`, "utf8") }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
});

/** The exports of the sources that match the pattern, by name. */
async function exportsOf(pattern: RegExp): Promise<(readonly [string, unknown])[]> {
  const found = sources.filter(({ text }) => pattern.test(text));
  const modules = await Promise.all(
    found.map(({ path }) => import(path) as Promise<Record<string, unknown>>),
  );
  return modules.flatMap((exported) => Object.entries(exported));
}

const isTable = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).length > 0 &&
  Object.values(value).every((row) => typeof row?.id === "number" && typeof row?.fields === "object");

const isDialect = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "secondLogin" in value && "open" in value;

test("every message table of the project is listed and so fuzzed", async () => {
  const tables = (await exportsOf(/\bdefineMessages\(/)).filter(([, value]) => isTable(value));
  expect(tables.length).toBeGreaterThan(9);
  const listed = new Set<unknown>(Object.values(listedTables));
  expect(tables.filter(([, table]) => !listed.has(table)).map(([name]) => name)).toEqual([]);
});

test("every dialect of the project is listed and so fuzzed", async () => {
  const dialects = (await exportsOf(/\bDialect</)).filter(([, value]) => isDialect(value));
  expect(dialects.length).toBeGreaterThan(2);
  const listed = new Set<unknown>(listedDialects.map(({ dialect }) => dialect));
  expect(dialects.filter(([, dialect]) => !listed.has(dialect)).map(([name]) => name)).toEqual([]);
});

test("every protocol that a front can serve is listed and so fuzzed", () => {
  const listed = new Set(frontProtocolsListed.map(({ dialect }) => dialect.name));
  expect([...listed].sort()).toEqual(protocolFolders.map(({ name }) => name).sort());
});

test("no two decoders have the same name", () => {
  expect(new Set(decoders.map(({ name }) => name)).size).toBe(decoders.length);
});
