import { plainIntroduction } from "@sallyport/dialects/native";
import { describe, expect, test } from "vitest";
import { isServed, readClientVersions } from "../src/client-versions.ts";

describe("a list of client versions", () => {
  test.each([
    ["", "native", 3, "", true],
    ["native", "native", 3, "", true],
    ["native", "ragnarok", 20100105, "", false],
    ["native:2-", "native", 2, "", true],
    ["native:2-", "native", 1, "", false],
    ["native:-2", "native", 3, "", false],
    ["native:2-, ragnarok:20100105", "ragnarok", 20100105, "", true],
    ["native:2-, ragnarok:20100105", "ragnarok", 20101228, "", false],
    ["native@0.106", "native", 3, "0.106", true],
    ["native@0.106", "native", 3, "0.106.0", true],
    ["native@0.106", "native", 3, "0.107", false],
    ["native@0.106-1.2", "native", 3, "0.110", true],
    ["native@0.106-1.2", "native", 3, "1.10", false],
    ["native@0.106-", "native", 3, "", false],
    ["native@0.106-", "native", 3, "0.106; DROP", false],
    ["native@0.106-,native:3", "native", 3, "unknown", true],
  ])("%j serves a %s client of protocol %i and program %j: %s", (text, dialect, version, program, served) => {
    const versions = readClientVersions(text);
    const client = { ...plainIntroduction, dialect, version, programVersion: program };
    expect(versions !== null && isServed(versions, client)).toBe(served);
  });

  test.each(["native:", "native@", "native:-", ":2", "native:2-3-4", "native:x", "native 2"])(
    "is not readable as %j",
    (text) => {
      expect(readClientVersions(text)).toBe(null);
    },
  );

  test("serves no client that has not introduced itself, unless it serves all", () => {
    expect(isServed(readClientVersions("native") ?? [], null)).toBe(false);
    expect(isServed([], null)).toBe(true);
  });
});
