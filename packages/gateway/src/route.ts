import { overTls, type Presence } from "@sallyport/directory";
import type { CharacterLock } from "@sallyport/lock-core";

/** The gateway chooses a server by these fields of its presence. */
export type ServerSeen = Pick<Presence, "kind" | "name" | "world" | "state" | "innerDoors" | "clients">;

/** A door of a server to which the gateway can connect a client. */
export interface Route {
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** Whether the door accepts TLS only. */
  readonly isSecure: boolean;
  /** Whether the server has the character, according to the lock. */
  readonly isOwner: boolean;
}

export interface RouteQuery {
  readonly door: "login" | "char" | "map";
  readonly dialect: string;
  readonly world: string;
  /** Name of the map-server that has the character or is about to get it. Null if there is no such server. */
  readonly owner: string | null;
  readonly servers: readonly ServerSeen[];
  /**
   * Returns the number of connections from this gateway to a server now. The `clients` of a presence also
   * count other connections, but that number is some seconds old.
   */
  readonly joinedTo: (server: string) => number;
}

/** Maximum number of doors that the gateway tries before it looks for servers again. */
const routesMax = 3;

/**
 * Returns the map-server that has the character or is about to get it. The char-server sends clients to a
 * map-server when the lock is `entering`. A client that comes too early is connected to the target
 * map-server. That server refuses the client in the client's dialect.
 */
export function mapServerOf(lock: CharacterLock): string | null {
  switch (lock.state) {
    case "free":
    case "choosing":
    case "returning":
      return null;
    case "handing-over":
      return lock.target.server;
    case "entering":
    case "playing":
    case "hopping":
    case "evicting":
      return lock.owner.server;
  }
}

/** Login-servers belong to no world. */
export const serversOf = <S extends ServerSeen>(
  door: RouteQuery["door"],
  world: string,
  servers: readonly S[],
) => servers.filter((server) => server.kind === door && (door === "login" || server.world === world));

/**
 * Returns the doors in the order in which the gateway tries them. The door of the owner comes first. The
 * other servers are also tried, because each can at least refuse the client in the client's dialect. Draining
 * servers come last.
 */
export function routes({ door, dialect, world, owner, servers, joinedTo }: RouteQuery): readonly Route[] {
  const rank = (server: ServerSeen): readonly number[] => [
    door === "map" && server.name === owner ? 0 : 1,
    server.state === "up" ? 0 : 1,
    joinedTo(server.name),
    server.clients,
  ];
  return serversOf(door, world, servers)
    .map((server) => ({ server, rank: rank(server) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .flatMap(({ server, rank: [isOther] }) =>
      server.innerDoors
        .filter((inner) => inner.dialect === dialect || inner.dialect === overTls(dialect))
        .map(({ host, port, dialect: spoken }) => ({
          ...{ server: server.name, host, port },
          ...{ isSecure: spoken !== dialect, isOwner: isOther === 0 },
        })),
    )
    .slice(0, routesMax);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, nth) => value !== b[nth]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
