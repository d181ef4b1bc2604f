import { AddressInvalid, transportTo } from "@sallyport/sdk/node";
import { type Command, InvalidArgumentError, Option } from "commander";
import { wholeNumber } from "./arguments.ts";

/** As `loginOptions` are parsed. */
export interface LoginAddress {
  readonly host: string;
  readonly port: number;
  readonly url?: string | undefined;
}

function address(url: string): string {
  try {
    transportTo(url);
    return url;
  } catch (error) {
    if (!(error instanceof AddressInvalid)) throw error;
    throw new InvalidArgumentError("Expected tcp://, tls://, ws:// or wss:// and a host.");
  }
}

/** Where the login-server is, and whom to trust about it. */
export function loginOptions(program: Command): Command {
  return program
    .option("--host <host>", "of the login-server", "127.0.0.1")
    .option("--port <port>", "of the login-server", wholeNumber(1, 65_535), 7100)
    .addOption(
      new Option("--url <address>", "of the login-server, by tcp://, tls://, ws:// or wss://")
        .argParser(address)
        .conflicts(["host", "port"]),
    )
    .option("--ca <file>", "certificates to trust, in PEM, instead of the system's");
}

/** For `transportTo`. */
export function loginUrl({ host, port, url }: LoginAddress): string {
  return url ?? `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
