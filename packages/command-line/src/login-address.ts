import { hostAndPort } from "@sallyport/link/addresses";
import { AddressInvalid, transportTo } from "@sallyport/sdk/node";
import { type Command, InvalidArgumentError, Option } from "commander";
import { wholeNumber } from "./arguments.ts";

/* Has an entry of its own, because it loads the SDK, and most programs need nothing else of the SDK. */

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
    throw new InvalidArgumentError(
      "Expected an address like tls://play.example.org:7100, with tcp://, tls://, ws:// or wss://.",
    );
  }
}

export function loginOptions(program: Command): Command {
  return program
    .option("--host <host>", "host of the login-server", "127.0.0.1")
    .option("--port <port>", "port of the login-server", wholeNumber(1, 65_535), 7100)
    .addOption(
      new Option("--url <address>", "address of the login-server, with tcp://, tls://, ws:// or wss://")
        .argParser(address)
        .conflicts(["host", "port"]),
    )
    .option("--ca <file>", "PEM file with the certificates to trust instead of those of the system");
}

/** The URL that `transportTo` takes. */
export function loginUrl({ host, port, url }: LoginAddress): string {
  return url ?? `tcp://${hostAndPort({ host, port })}`;
}
