import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addOperatorCommands } from "../src/commands/index.ts";

const nobody = () => Promise.reject(new Error("nobody is asked"));

/** Runs a command line. Nothing listens at its admin port. */
async function run(...args: string[]) {
  const complained: unknown[] = [];
  let printed = "";
  const program = new Command("sallyport").exitOverride().configureOutput({
    writeErr: () => {},
    writeOut: (text) => {
      printed += text;
    },
  });
  addOperatorCommands(program, {
    environment: { ADMIN_TOKEN: "0f1e2d3c4b5a69788796a5b4", ADMIN_PORT: "1" },
    dataFolder: "nowhere",
    terminal: { confirm: nobody, secret: nobody },
    nowMs: () => 0,
    write: () => {},
    complain: (_, exitCode) => complained.push(exitCode),
  });
  const said = await program.parseAsync(["node", "sallyport", ...args]).then(
    () => "",
    (error: Error) => error.message,
  );
  return { said, complained, printed };
}

describe("a command whose text the server would refuse is wrong usage, and is not sent", () => {
  test.each([
    [["ban", "lift", "abc"], "for argument 'id'", "a number like 3 or #3"],
    [["ban", "address", "10.0.0.0/8", "--until", "1h"], "for argument 'of'", "an address like"],
    [["account", "role", "walker", "king"], "for argument 'role'", "one of player, gamemaster"],
    [["account", "mute", "walker", "--until", "soon"], "--until", "forever, a time like"],
    [["locks", "--state", "nope"], "--state", "one of free, granted, held"],
    [["account", "create", "a b"], "for argument 'name'", "3 to 20 letters"],
    [["log", "walker", "--before", "2026-01-01"], "--before", "an id, not a time"],
  ])("%j", async (args, where, expected) => {
    const { said, complained } = await run(...args);
    expect(said).toContain(expected);
    expect(said).toContain(where);
    expect(complained).toEqual([]);
  });

  test("and all others are sent", async () => {
    for (const id of ["7", "#7"])
      expect(await run("ban", "lift", id)).toMatchObject({ said: "", complained: [3] });
  });
});

test.each([
  ["account", "ban"],
  ["account", "mute"],
  ["ban", "network"],
])("the help of %s %s says that it needs --until", async (...words) => {
  const { printed } = await run(...words, "--help");
  expect(printed.replaceAll(/\s+/g, " ")).toMatch(/--until <until> [^(]*\(required; forever, 30m/);
});
