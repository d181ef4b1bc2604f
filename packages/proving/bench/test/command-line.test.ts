import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";

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
          only: ["hop", "cold", "crowd", "link", "decide"],
          size: { clients: [1, 16], crowd: 1_000, rounds: 5, seconds: 3 },
          generators: 1,
        },
        ...{ json: "now", compare: "old", minutes: 60 },
      },
    });
  });

  test("runs a few seconds with --smoke", () => {
    const parsed = parseCommandLine(["--smoke"]);
    expect(parsed).toMatchObject({ ok: true, value: { run: { size: { rounds: 1, seconds: 1 } } } });
  });

  test("runs the scenarios that it names, in their own order", () => {
    expect(parseCommandLine(["--only", "crowd,hop"])).toMatchObject({
      ok: true,
      value: { run: { only: ["hop", "crowd"] } },
    });
    expect(parseCommandLine(["--only", "crowds"])).toMatchObject({ ok: false, exitCode: 2 });
  });

  test("refuses a size together with --smoke, which has its own", () => {
    expect(parseCommandLine(["--smoke", "--rounds", "3"])).toMatchObject({ ok: false, exitCode: 2 });
  });

  test.each(["0", "1,1", "16,many", "5000"])("refuses %s as numbers of clients", (clients) => {
    expect(parseCommandLine(["--clients", clients])).toMatchObject({ ok: false, exitCode: 2 });
  });
});
