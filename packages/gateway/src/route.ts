import { overTls, type Presence } from "@sallyport/directory";
import type { CharacterLock } from "@sallyport/lock-core";

/** The part of a presence that decides whether a client is led to that server. */
export type ServerSeen = Pick<Presence, "kind" | "name" | "world" | "state" | "innerDoors" | "clients">;

/** A server's door to which a connection may be joined. */
export interface Route {
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** The door uses TLS only. */
  readonly isSecure: boolean;
  /** The server has the character, as far as is known. */
  readonly isOwner: boolean;
}

export interface Asked {
  readonly door: "login" | "char" | "map";
  readonly dialect: string;
  readonly world: string;
  /** Name of the map-server that has the character or is about to get it; null: none. */
  readonly owner: string | null;
  readonly servers: readonly ServerSeen[];
  /**
   * How many connections this gateway has to a server already. Connections from elsewhere are known some
   * seconds late, in `clients`.
   */
  readonly joinedTo: (server: string) => number;
}

/** After this many doors that did not open, the client is disconnected without an answer. */
const routesMax = 3;

/**
 * The map-server to ask for the character. Clients learn where to go once the lock says `entering`. A client
 * that comes before that belongs to the map-server that the character is meant for, which refuses it in its
 * own dialect.
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
export const serversOf = <S extends ServerSeen>(door: Asked["door"], world: string, servers: readonly S[]) =>
  servers.filter((server) => server.kind === door && (door === "login" || server.world === world));

/**
 * The doors to try, in order: the owner's first, then any other, which refuses the client in words that the
 * client understands. No new client is led to a draining server while there is another.
 */
export function routes({ door, dialect, world, owner, servers, joinedTo }: Asked): readonly Route[] {
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
