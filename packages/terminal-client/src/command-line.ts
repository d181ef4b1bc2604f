import type { DoorAddress } from "@sallyport/sdk";
import { Command, CommanderError, InvalidArgumentError } from "commander";

export type ParsedCommandLine =
  | { readonly ok: true; readonly server: DoorAddress; readonly name: string }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a whole number from 1 to 65535.");
}

export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  let text = "";
  const print = (more: string): void => {
    text += more;
  };
  const program = new Command("play")
    .description("Plays in the terminal.")
    .option("--host <host>", "of the login-server", "127.0.0.1")
    .option("--port <port>", "of the login-server", portNumber, 7100)
    .option("--name <name>", "of the account to log in with", "")
    .addHelpText(
      "after",
      "\nIn the world: arrows, wasd or hjkl walk, Enter talks, c goes back, q saves and quits.",
    )
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print });
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { ok: false, exitCode: error.exitCode === 0 ? 0 : 2, text };
  }
  const { host, port, name } = program.opts<{ host: string; port: number; name: string }>();
  return { ok: true, server: { host, port }, name };
}
