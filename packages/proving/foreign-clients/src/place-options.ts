import { readFileSync } from "node:fs";
import { wholeNumber } from "@sallyport/command-line";
import type { Command } from "commander";
import type { Place } from "./byte-stream.ts";
import { ClientFailure } from "./client-failure.ts";

export interface PlaceOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** A PEM file. With it, the client speaks TLS even without `tls`. */
  readonly ca?: string;
}

interface PortOf {
  /** The kind of server, like `front`. */
  readonly server: string;
  /** Its port, like `chat port`. */
  readonly port: string;
  readonly usual: number;
}

/** Adds the options of a `Place` without TLS. */
export const addPlace = (program: Command, { server, port, usual }: PortOf): Command =>
  program
    .option("--host <host>", `host of the ${server}`, "127.0.0.1")
    .option("--port <port>", `its ${port}`, wholeNumber(1, 65_535), usual);

/** Adds the options of `PlaceOptions`. */
export const addPlaceWithTls = (program: Command, of: PortOf): Command =>
  addPlace(program, of)
    .option("--tls", `speak TLS, as the port does if the ${of.server} has a certificate`, false)
    .option("--ca <file>", "PEM file with the authority of that certificate, if it is your own");

/** Throws `ClientFailure` if the file of the authority cannot be read. */
export function placeFrom({ host, port, tls, ca }: PlaceOptions): Place {
  if (!tls && ca === undefined) return { host, port };
  try {
    return { host, port, tls: ca === undefined ? {} : { ca: readFileSync(ca, "utf8") } };
  } catch (error) {
    throw new ClientFailure(`--ca: ${(error as Error).message}`, 2, { cause: error });
  }
}
