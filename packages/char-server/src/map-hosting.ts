import type { charToMap, mapToChar } from "@sallyport/cluster-protocol";
import type { DoorAddress } from "@sallyport/domain";
import type { Link } from "@sallyport/link";

export type MapServerLink = Link<typeof charToMap, typeof mapToChar>;

export interface MapServer {
  readonly server: string;
  readonly incarnation: string;
  readonly link: MapServerLink;
}

interface Entry extends MapServer {
  /** Lower: linked longer. */
  readonly rank: number;
  address: DoorAddress | null;
  maps: readonly string[];
  players: number;
}

/** Where clients of a map are sent. */
export interface MapHost extends MapServer {
  readonly address: DoorAddress;
}

/**
 * Which linked map-server hosts which map: of those that announced a map the one that has been linked longest, so
 * that a map has one host and keeps it. Who came back has not been away.
 */
export class MapHosting {
  readonly #entries = new Map<string, Entry>();
  /** By name, also of those that are away. */
  readonly #ranks = new Map<string, number>();
  #lastRank = 0;

  add(mapServer: MapServer, isBack = false): void {
    const { server, incarnation } = mapServer;
    const rank = (isBack ? this.#ranks.get(server) : undefined) ?? (this.#lastRank += 1);
    this.#ranks.set(server, rank);
    this.#entries.set(incarnation, { ...mapServer, rank, address: null, maps: [], players: 0 });
  }

  /** Its maps pass to those who announced them too, and they are told. */
  remove(incarnation: string): void {
    const gone = this.#entries.get(incarnation);
    this.#entries.delete(incarnation);
    if (gone === undefined || gone.maps.length === 0) return;
    for (const entry of this.#entries.values()) {
      if (entry.maps.some((map) => gone.maps.includes(map))) {
        entry.link.notify({ type: "map-server.host", maps: this.#hostedBy(entry) });
      }
    }
  }

  /** Returns the maps that it is to host. */
  announce(
    incarnation: string,
    announced: DoorAddress & { readonly maps: readonly string[] },
  ): readonly string[] {
    const entry = this.#entries.get(incarnation);
    if (entry === undefined) return [];
    const { host, port, wsUrl, otherDoors } = announced;
    entry.address = { host, port, wsUrl, otherDoors };
    entry.maps = announced.maps;
    return this.#hostedBy(entry);
  }

  setPlayers(incarnation: string, players: number): void {
    const entry = this.#entries.get(incarnation);
    if (entry !== undefined) entry.players = players;
  }

  get players(): number {
    return [...this.#entries.values()].reduce((sum, entry) => sum + entry.players, 0);
  }

  get mapServers(): readonly MapServer[] {
    return [...this.#entries.values()];
  }

  linkOf(incarnation: string): MapServerLink | undefined {
    return this.#entries.get(incarnation)?.link;
  }

  hostOf(map: string): MapHost | undefined {
    let host: (Entry & MapHost) | undefined;
    for (const entry of this.#entries.values()) {
      const { address } = entry;
      if (address === null || !entry.maps.includes(map)) continue;
      if (host === undefined || entry.rank < host.rank) host = { ...entry, address };
    }
    return host;
  }

  #hostedBy(entry: Entry): readonly string[] {
    return entry.maps.filter((map) => this.hostOf(map)?.incarnation === entry.incarnation);
  }
}
