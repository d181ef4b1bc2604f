import { readFileSync } from "node:fs";
import type { Place } from "./byte-stream.ts";

export interface PlaceOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** A PEM file. With it, the client speaks TLS even without `tls`. */
  readonly ca?: string;
}

export function placeFrom({ host, port, tls, ca }: PlaceOptions): Place {
  if (!tls && ca === undefined) return { host, port };
  return { host, port, tls: ca === undefined ? {} : { ca: readFileSync(ca, "utf8") } };
}
