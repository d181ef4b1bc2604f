import { Command } from "commander";
import { expect, test } from "vitest";
import { commandNamed } from "../src/commands/command-named.ts";

const program = new Command("program");
const account = program.command("account");
const ban = account.command("ban <name>");

test("help finds a command by all of its words", () => {
  expect(commandNamed(program, ["account"])).toBe(account);
  expect(commandNamed(program, ["account", "ban"])).toBe(ban);
});

test.each([[["acount"]], [["account", "bam"]], [["account", "ban", "walker"]], [["ban"]]])(
  "help finds no command for %j",
  (words) => {
    expect(commandNamed(program, words)).toBeNull();
  },
);
