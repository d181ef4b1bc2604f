import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";

describe("the command line", () => {
  it("needs nothing, and takes an address and a name", () => {
    expect(parseCommandLine([])).toEqual({ ok: true, url: "tcp://127.0.0.1:7100", ca: null, name: "" });
    expect(parseCommandLine(["--host", "example.org", "--port", "9", "--name", "alice"])).toEqual({
      ok: true,
      url: "tcp://example.org:9",
      ca: null,
      name: "alice",
    });
    expect(parseCommandLine(["--host", "::1"])).toMatchObject({ url: "tcp://[::1]:7100" });
  });

  it.each(["tcp://h", "tls://h:9", "ws://h:9", "wss://h/path"])("accepts %s as an address", (url) => {
    expect(parseCommandLine(["--url", url, "--ca", "ca.pem"])).toMatchObject({ ok: true, url, ca: "ca.pem" });
  });

  it.each([
    ["--port", "0"],
    ["--port", "x"],
    ["--unknown"],
    ["--url", "https://h"],
    ["--url", "h:7100"],
    ["--url", "tls://h", "--port", "9"],
    ["--url", "tls://h", "--host", "h"],
  ])("refuses %s %s", (...args) => {
    expect(parseCommandLine(args)).toMatchObject({ ok: false, exitCode: 2 });
  });

  it("has a help text", () => {
    expect(parseCommandLine(["--help"])).toMatchObject({ ok: false, exitCode: 0 });
  });
});
