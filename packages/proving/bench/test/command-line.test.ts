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
        run: { clients: [1, 16], rounds: 5, seconds: 3, generators: 1 },
        ...{ json: "now", compare: "old", minutes: 30 },
      },
    });
  });

  test("runs a few seconds with --smoke", () => {
    const parsed = parseCommandLine(["--smoke"]);
    expect(parsed).toMatchObject({ ok: true, value: { run: { rounds: 1, seconds: 1 } } });
  });

  test.each(["0", "1,1", "16,many", "5000"])("refuses %s as numbers of clients", (clients) => {
    expect(parseCommandLine(["--clients", clients])).toMatchObject({ ok: false, exitCode: 2 });
  });
});
