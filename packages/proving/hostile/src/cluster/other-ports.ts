import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "@sallyport/testkit";
import type { Target } from "../attack/attack.ts";

/** A port beside those for native and Ragnarok clients. */
interface OtherPort {
  readonly kind: Target["kind"];
  /** The kind of process that opens it. */
  readonly of: "login" | "gateway" | "front" | "resource";
  /** Its clients come to a server of this tier. */
  readonly tier: Target["tier"];
  readonly variable: string;
}

/** With a framing for its kind, another line here lets all attacks reach another port. */
const otherPorts: readonly OtherPort[] = [
  { kind: "a-series", of: "login", tier: "login", variable: "A_SERIES_PORT" },
  { kind: "a-series", of: "gateway", tier: "login", variable: "GATEWAY_A_SERIES_PORT" },
  { kind: "token", of: "login", tier: "login", variable: "TOKEN_PORT" },
  { kind: "keys-http", of: "login", tier: "login", variable: "TOKEN_HTTP_PORT" },
  { kind: "chat", of: "front", tier: "front", variable: "CHAT_PORT" },
  { kind: "line", of: "front", tier: "front", variable: "LINE_PORT" },
  { kind: "slime", of: "front", tier: "front", variable: "SLIME_PORT" },
  { kind: "resource", of: "resource", tier: "resource", variable: "RESOURCE_PORT" },
  { kind: "http", of: "resource", tier: "resource", variable: "RESOURCE_HTTP_PORT" },
];

export interface OpenPort extends OtherPort {
  readonly port: number;
}

/** Picks a free port for each that a process of this kind opens. */
export async function freeOtherPorts(of: OtherPort["of"]): Promise<readonly OpenPort[]> {
  const wanted = otherPorts.filter((each) => each.of === of);
  const ports = await freePorts(wanted.length);
  return wanted.map((each, nth) => ({ ...each, port: ports[nth] ?? 0 }));
}

const mapFolder = (name: string): string =>
  fileURLToPath(new URL(`../../../../map-world/${name}`, import.meta.url));
/** Slime clients need rooms. */
const withRooms = { MAPS_FOLDER: ["maps", "maps-slime"].map(mapFolder).join(delimiter) };

export const settingsOf = (ports: readonly OpenPort[]): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(ports.map(({ variable, port }) => [variable, String(port)])),
  ...(ports.some(({ kind }) => kind === "slime") ? withRooms : {}),
});
