import { AddressInvalid, transportTo } from "@sallyport/sdk/node";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

export type ParsedCommandLine =
  | { readonly ok: true; readonly url: string; readonly ca: string | null; readonly name: string }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a whole number from 1 to 65535.");
}

function address(url: string): string {
  try {
    transportTo(url);
    return url;
  } catch (error) {
    if (!(error instanceof AddressInvalid)) throw error;
    throw new InvalidArgumentError(`Expected tcp://, tls://, ws:// or wss:// and a host.`);
  }
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
    .addOption(
      new Option("--url <address>", "of the login-server, by tcp://, tls://, ws:// or wss://")
        .argParser(address)
        .conflicts(["host", "port"]),
    )
    .option("--ca <file>", "certificates to trust, in PEM, instead of the system's")
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
  const { host, port, url, ca, name } = program.opts<{
    host: string;
    port: number;
    url?: string;
    ca?: string;
    name: string;
  }>();
  const plain = `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { ok: true, url: url ?? plain, ca: ca ?? null, name };
}
