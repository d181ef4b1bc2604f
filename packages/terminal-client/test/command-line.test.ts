import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";

describe("the command line", () => {
  it("needs nothing, and takes an address and a name", () => {
    expect(parseCommandLine([])).toEqual({ ok: true, server: { host: "127.0.0.1", port: 7100 }, name: "" });
    expect(parseCommandLine(["--host", "example.org", "--port", "9", "--name", "alice"])).toEqual({
      ok: true,
      server: { host: "example.org", port: 9 },
      name: "alice",
    });
  });

  it.each([["--port", "0"], ["--port", "x"], ["--unknown"]])("refuses %s %s", (...args) => {
    expect(parseCommandLine(args)).toMatchObject({ ok: false, exitCode: 2 });
  });

  it("helps", () => {
    expect(parseCommandLine(["--help"])).toMatchObject({ ok: false, exitCode: 0 });
  });
});
