import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const folder = new URL("../lua/", import.meta.url);

describe.each(readdirSync(folder))("%s", (name) => {
  const lines = readFileSync(new URL(name, folder), "utf8").split("\n");
  const header = lines.filter((line) => line.startsWith("--")).join("\n");
  const body = lines.filter((line) => !line.trim().startsWith("--")).join("\n");
  const named = (text: string): string[] => [...new Set(text.match(/\b(?:KEYS|ARGV)\[\d+\]/g) ?? [])].sort();

  it("documents exactly the keys and arguments that it reads", () => {
    expect(named(header)).toEqual(named(body));
  });

  it("says what it returns", () => {
    expect(header).toContain("-- Returns {");
  });

  it("declares itself to Redis, which then refuses it as a whole if it could not run to its end", () => {
    expect(lines[0]).toMatch(/^#!lua( flags=no-writes)?$/);
  });
});
