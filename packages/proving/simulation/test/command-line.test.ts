import { expect, test } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";

const valueOf = (...args: string[]) => {
  const parsed = parseCommandLine(args);
  if (!parsed.ok) throw new Error(parsed.text);
  return parsed.value;
};

test("a run lasts a minute, the given time, or the given number of seeds", () => {
  expect(valueOf()).toMatchObject({ seed: null, forMs: 60_000, seeds: Number.POSITIVE_INFINITY });
  expect(valueOf("--for", "2h")).toMatchObject({ forMs: 7_200_000, seeds: Number.POSITIVE_INFINITY });
  expect(valueOf("--seeds", "20", "--seed", "7")).toMatchObject({ seed: 7, seeds: 20 });
});

test("one seed is run once, with its log and without the faults to be left out", () => {
  expect(valueOf("--seed", "7")).toMatchObject({ seed: 7, seeds: 1, isLogged: false, without: [] });
  expect(valueOf("--seed", "7", "--log", "--without", "fault-1,client-0")).toMatchObject({
    isLogged: true,
    without: ["fault-1", "client-0"],
  });
});

test.each([["--for", "soon"], ["--seeds", "0"], ["--seed", "x"], ["--log"], ["--what"], ["more"]])(
  "%s %s is refused, with the right form",
  (...args) => {
    expect(parseCommandLine(args)).toMatchObject({
      ok: false,
      exitCode: 2,
      text: expect.stringContaining("Usage"),
    });
  },
);

test("--help counts as no mistake", () => {
  expect(parseCommandLine(["--help"])).toMatchObject({ ok: false, exitCode: 0 });
});

test("planted faults run all, or by a part of their names, with a number of seeds each", () => {
  expect(valueOf().planted).toBeNull();
  expect(valueOf("--planted").planted).toEqual({ text: "", seeds: 2_000, isJson: false });
  expect(valueOf("--planted", "kick", "--seeds", "9", "--json").planted).toEqual({
    text: "kick",
    seeds: 9,
    isJson: true,
  });
});

test.each([["--json"], ["--planted", "--seed", "7"], ["--planted", "--for", "1m"]])(
  "%s %s %s is refused",
  (...args) => {
    expect(parseCommandLine(args)).toMatchObject({ ok: false, exitCode: 2 });
  },
);
