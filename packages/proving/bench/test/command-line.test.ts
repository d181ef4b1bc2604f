import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";

const partNames = [
  ...["hop", "native", "login", "cold", "gateway", "limits", "up"],
  ...["crowd", "walk", "hold", "game", "reclaim", "link", "decide"],
];

describe("the command line", () => {
  test("takes the numbers of clients, rounds and seconds, and files for the report", () => {
    const args = [
      "--clients",
      "1,16",
      "--rounds",
      "5",
      "--seconds",
      "3",
      "--json",
      "now",
      "--compare",
      "old",
    ];
    expect(parseCommandLine(args)).toEqual({
      ok: true,
      value: {
        run: {
          only: partNames,
          size: {
            ...{
              clients: [1, 16],
              atOnce: 16,
              crowds: [1_000, 3_000],
              held: [1_000, 10_000],
              walkers: 3_000,
              gamePlayers: 1_000,
              fishers: 200,
            },
            ...{ locks: 100_000, rounds: 5, seconds: 3, warmUp: 10_000 },
          },
          ...{ generators: 1, groupsAtOnce: 1 },
        },
        ...{ json: "now", compare: "old", markdown: null, minutes: 120 },
      },
    });
  });

  test("runs a few seconds with --smoke", () => {
    const parsed = parseCommandLine(["--smoke"]);
    expect(parsed).toMatchObject({
      ok: true,
      value: { run: { only: partNames, size: { rounds: 1 }, groupsAtOnce: 2 } },
    });
  });

  test("runs the parts that it names, in their own order", () => {
    expect(parseCommandLine(["--only", "crowd,hop"])).toMatchObject({
      ok: true,
      value: { run: { only: ["hop", "crowd"] } },
    });
    expect(parseCommandLine(["--only", "crowds"])).toMatchObject({ ok: false, exitCode: 2 });
  });

  test("refuses a size together with --smoke, which has its own", () => {
    expect(parseCommandLine(["--smoke", "--rounds", "3"])).toMatchObject({ ok: false, exitCode: 2 });
  });

  test("prints a report as Markdown without a run", () => {
    expect(parseCommandLine(["--markdown", "now"])).toMatchObject({ ok: true, value: { markdown: "now" } });
    expect(parseCommandLine(["--markdown", "now", "--json", "next"])).toMatchObject({ ok: false });
  });

  test.each(["0", "1,1", "16,many", "5000"])("refuses %s as numbers of clients", (clients) => {
    expect(parseCommandLine(["--clients", clients])).toMatchObject({ ok: false, exitCode: 2 });
  });
});
