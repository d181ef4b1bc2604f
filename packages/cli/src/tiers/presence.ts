import { hostname } from "node:os";
import {
  type DirectoryService,
  overTls,
  type Presence,
  Publisher,
  type ServerKind,
  type ServerStatus,
} from "@sallyport/directory";
import type { OtherDoor, PublicAddress } from "@sallyport/domain";
import type { Shell } from "../process/shell.ts";
import type { OpenDoors } from "./doors.ts";

export interface Self {
  readonly kind: ServerKind;
  readonly name: string;
  readonly world: string | null;
  readonly publicDoor: PublicAddress | null;
  readonly innerDoors?: readonly OtherDoor[];
}

/**
 * Returns a function that turns a status into a presence. The presence identifies this server and its
 * process.
 */
export function presenceOf({ randomBytes, wallMs }: Shell, self: Self): (status: ServerStatus) => Presence {
  const incarnation = Buffer.from(randomBytes(8)).toString("hex");
  const ofProcess = { incarnation, machine: hostname(), pid: process.pid, sinceMs: wallMs() };
  return (status) => ({ innerDoors: [], ...self, ...ofProcess, ...status });
}

/** Keeps a server in the directory until the returned function is called. */
export function keepPublished(
  shell: Shell,
  directory: DirectoryService,
  self: Self,
  status: () => ServerStatus,
): () => Promise<void> {
  const presence = presenceOf(shell, self);
  return new Publisher(directory, shell.log).keepPublishing(() => presence(status()), shell.clock);
}

/** A char-server publishes the presences of its map-servers, because map-servers do not connect to Redis. */
export function publishMapServers({ log }: Shell, directory: DirectoryService): (presence: Presence) => void {
  const publisher = new Publisher(directory, log);
  return (presence) => void publisher.publish(presence);
}

/** Returns the addresses to which a gateway connects, by dialect. */
export function innerDoors(
  { host, innerHost }: { readonly host: string; readonly innerHost: string | null },
  { native: { address, webSocket, isSecure }, ragnarok, aSeries }: OpenDoors,
): readonly OtherDoor[] {
  const isAnywhere = host === "0.0.0.0" || host === "::";
  const inner = innerHost ?? (isAnywhere ? hostname() : host);
  const spoken = (dialect: string): string => (isSecure ? overTls(dialect) : dialect);
  const ports = [
    [spoken("native"), address.port],
    [spoken("websocket"), webSocket?.port],
    ["ragnarok", ragnarok?.address.port],
    ["a-series", aSeries?.address.port],
  ] as const;
  return ports.flatMap(([dialect, port]) => (port === undefined ? [] : [{ dialect, host: inner, port }]));
}
