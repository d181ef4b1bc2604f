import { overTls, type Presence } from "@sallyport/directory";
import type { CharacterLock } from "@sallyport/lock-core";

/** What of a server says whether a client is led there. */
export type ServerSeen = Pick<Presence, "kind" | "name" | "world" | "state" | "innerDoors" | "clients">;

/** A door of a server that a connection may be joined to. */
export interface Route {
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** It speaks TLS and nothing else. */
  readonly isSecure: boolean;
  /** It has the character, as far as is known. */
  readonly isOwner: boolean;
}

export interface Asked {
  readonly door: "login" | "char" | "map";
  readonly dialect: string;
  readonly world: string;
  /** Of the map-server that has the character, or is about to; null: none. */
  readonly owner: string | null;
  readonly servers: readonly ServerSeen[];
  /** Connections that this gateway has to a server already. Others are known some seconds late, in `clients`. */
  readonly joinedTo: (server: string) => number;
}

/** After as many doors that did not open a client is told nothing and goes. */
const routesMax = 3;

/**
 * Which map-server to ask for the character. Clients are told where to go once the lock says `entering`; who comes
 * before belongs to whom it is meant for, and is refused there, in its own dialect.
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

/** Login-servers are of no world. */
export const serversOf = <S extends ServerSeen>(door: Asked["door"], world: string, servers: readonly S[]) =>
  servers.filter((server) => server.kind === door && (door === "login" || server.world === world));

/**
 * The doors to try, in order: the owner's, then any other, which refuses the client in words that it understands.
 * Nobody new is led to who drains while there is another.
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
