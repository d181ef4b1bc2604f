import { readFileSync } from "node:fs";
import type { Place } from "./byte-stream.ts";
import { ClientFailure } from "./client-failure.ts";

export interface PlaceOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** A PEM file. With it, the client speaks TLS even without `tls`. */
  readonly ca?: string;
}

/** Throws `ClientFailure` if the file of the authority cannot be read. */
export function placeFrom({ host, port, tls, ca }: PlaceOptions): Place {
  if (!tls && ca === undefined) return { host, port };
  try {
    return { host, port, tls: ca === undefined ? {} : { ca: readFileSync(ca, "utf8") } };
  } catch (error) {
    throw new ClientFailure(`--ca: ${(error as Error).message}`, 2, { cause: error });
  }
}
