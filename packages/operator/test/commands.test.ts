import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addOperatorCommands } from "../src/commands/index.ts";

const nobody = () => Promise.reject(new Error("nobody is asked"));

/** Runs a command line. Nothing listens at its admin port. */
async function run(...args: string[]) {
  const complained: unknown[] = [];
  const program = new Command("sallyport").exitOverride().configureOutput({ writeErr: () => {} });
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
  return { said, complained };
}

describe("a command whose text the server would refuse is wrong usage, and is not sent", () => {
  test.each([
    [["ban", "lift", "abc"], "for argument 'id'", "a whole number from 1"],
    [["ban", "address", "10.0.0.0/8", "--until", "1h"], "for argument 'of'", "an address like"],
    [["account", "role", "walker", "king"], "for argument 'role'", "one of player, gamemaster"],
    [["account", "mute", "walker", "--until", "soon"], "--until", "forever, a time like"],
  ])("%j", async (args, where, expected) => {
    const { said, complained } = await run(...args);
    expect(said).toContain(expected);
    expect(said).toContain(where);
    expect(complained).toEqual([]);
  });

  test("and all others are sent", async () => {
    expect(await run("ban", "lift", "7")).toEqual({ said: "", complained: [3] });
  });
});
