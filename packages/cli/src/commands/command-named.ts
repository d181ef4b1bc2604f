import type { Command } from "commander";

/**
 * Finds the command that `help account ban` asks for: commander's own `help` reads one word only, and names no word
 * that it does not know. Null: one of the words names no command.
 */
export function commandNamed(program: Command, words: readonly string[]): Command | null {
  let command: Command | undefined = program;
  for (const word of words) command = command?.commands.find((each) => each.name() === word);
  return command ?? null;
}
