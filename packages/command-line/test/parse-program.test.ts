import { Command } from "commander";
import { expect, test } from "vitest";
import { addSetting, decimal, parseProgram, versionIn, wholeNumber } from "../src/index.ts";
import { loginOptions, loginUrl } from "../src/login-address.ts";

const parse = (...args: string[]) =>
  parseProgram(
    new Command("sample")
      .option("--count <n>", "how many", wholeNumber(1, 9), 5)
      .option("--share <n>", "how much", decimal(0.5, 2))
      .option("--set <NAME=value>", "a setting", addSetting, {}),
    args,
    (program) => (program.opts()["count"] === 7 ? program.error("seven is too many") : program.opts()),
  );

test("options are read as typed values, with their defaults", () => {
  expect(parse("--share", "1.5", "--set", "A=1", "--set", "B_C=x=y")).toEqual({
    ok: true,
    value: { count: 5, share: 1.5, set: { A: "1", B_C: "x=y" } },
  });
});

test.each([
  ["--count", "10", "whole number from 1 to 9"],
  ["--count", "1.5", "whole number from 1 to 9"],
  ["--share", "0.4", "number from 0.5 to 2"],
  ["--share", "1e0", "number from 0.5 to 2"],
  ["--set", "a=1", "NAME=value"],
  ["--count", "7", "seven is too many"],
  ["--what", "1", "--what"],
])(
  "%s %s is answered with an error text, and the parser itself prints nothing and does not exit",
  (option, value, why) => {
    expect(parse(option, value)).toEqual({ ok: false, exitCode: 2, text: expect.stringContaining(why) });
  },
);

test("a request for help is no mistake", () => {
  expect(parse("--help")).toEqual({ ok: false, exitCode: 0, text: expect.stringContaining("--count") });
});

test.each(["--version", "-V"])("%s is answered with the version of all packages", (option) => {
  const manifest = new URL("../../../package.json", import.meta.url);
  expect(parse(option)).toEqual({ ok: false, exitCode: 0, text: `${versionIn(manifest)}\n` });
});

test("a login-server is given by host and port, or by an address", () => {
  const address = (...args: string[]) =>
    parseProgram(loginOptions(new Command("sample")), args, (program) => loginUrl(program.opts()));
  expect(address()).toEqual({ ok: true, value: "tcp://127.0.0.1:7100" });
  expect(address("--host", "::1", "--port", "9")).toEqual({ ok: true, value: "tcp://[::1]:9" });
  expect(address("--url", "wss://example.org:7102")).toEqual({ ok: true, value: "wss://example.org:7102" });
  expect(address("--url", "ftp://example.org")).toMatchObject({ ok: false, exitCode: 2 });
  expect(address("--url", "tcp://example.org", "--port", "9")).toMatchObject({ ok: false, exitCode: 2 });
});
