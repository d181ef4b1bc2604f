import { expect, test } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";

const parse = (...args: string[]) => parseCommandLine(args, () => 0.5);

test("by default a run lasts five minutes with a random seed, and Redis keeps its data", () => {
  expect(parse()).toMatchObject({
    ok: true,
    value: {
      durationMs: 300_000,
      seed: 2 ** 30,
      losesRedis: false,
      planOnly: false,
      json: null,
      history: null,
    },
  });
});

test("valid options are accepted, and invalid ones are refused", () => {
  const asked = parse(
    "--minutes",
    "0.5",
    "--seed",
    "7",
    "--bots",
    "9",
    "--set",
    "LOG_LEVEL=debug",
    "--empty-redis",
  );
  expect(asked).toMatchObject({
    ok: true,
    value: { durationMs: 30_000, seed: 7, bots: 9, losesRedis: true, settings: { LOG_LEVEL: "debug" } },
  });
  expect(parse("--bots", "1.5")).toMatchObject({ ok: false, exitCode: 2 });
  expect(parse("--minutes", "soon")).toMatchObject({ ok: false, exitCode: 2 });
  expect(parse("--help")).toMatchObject({ ok: false, exitCode: 0 });
});
