import type { charToMap, mapToChar } from "@sallyport/cluster-protocol";
import type { PublicAddress } from "@sallyport/domain";
import type { Link } from "@sallyport/link";
import type { Host } from "@sallyport/server-kit";
import { type Assignment, assignMaps, type Candidate } from "./assign-maps.ts";

export type MapServerLink = Link<typeof charToMap, typeof mapToChar>;

export interface MapServer {
  readonly server: string;
  readonly incarnation: string;
  readonly link: MapServerLink;
}

export interface Announced extends PublicAddress {
  readonly maps: readonly string[];
  readonly playersMax: number;
  readonly isDraining: boolean;
  readonly hearsOrders: boolean;
}

interface Entry extends MapServer {
  announced: Announced | null;
  maps: ReadonlySet<string>;
  players: number;
  isLeaving: boolean;
}

export interface MapHost extends MapServer {
  readonly address: PublicAddress;
}

export interface MapServerStatus {
  readonly server: string;
  readonly state: Candidate["state"];
  readonly players: number;
  readonly maps: readonly string[];
}

/**
 * Knows which map-server hosts which map. `assignMaps` decides this from the announcements of the
 * map-servers. A map-server that is not linked keeps its maps until `gone` says that it does not come back.
 * Until then, no client is sent to it.
 */
export class MapHosting {
  readonly #log: Host["log"];
  readonly #changed: (assignment: Assignment) => void;
  readonly #entries = new Map<string, Entry>();
  #assigned: Assignment = new Map();
  /** This set contains every map that any map-server ever had. */
  readonly #known = new Set<string>();
  /** These maps had no host after the last assignment. Their names are joined by commas. */
  #homeless = "";

  /** `changed` is called with every assignment that differs from the previous assignment. */
  constructor({ log }: Pick<Host, "log">, changed: (assignment: Assignment) => void) {
    this.#log = log;
    this.#changed = changed;
  }

  /** Takes the assignment of an earlier process, unless this process has already assigned maps. */
  restore(assigned: Assignment): void {
    if (this.#assigned.size > 0) return;
    this.#assigned = assigned;
    this.#know(assigned.keys());
  }

  add(mapServer: MapServer): void {
    const { incarnation } = mapServer;
    this.#entries.set(incarnation, {
      ...mapServer,
      announced: null,
      maps: new Set(),
      players: 0,
      isLeaving: false,
    });
  }

  /** `isForGood`: the server gave up its locks, and will not come back for its maps. */
  remove(incarnation: string, isForGood: boolean): void {
    const gone = this.#entries.get(incarnation);
    this.#entries.delete(incarnation);
    if (gone !== undefined && isForGood) this.gone(gone.server);
  }

  get known(): ReadonlySet<string> {
    return this.#known;
  }

  /** These servers have maps and are not linked. */
  get awaited(): readonly string[] {
    return [...new Set(this.#assigned.values())].filter((server) => this.#entryOf(server) === undefined);
  }

  /** The number of map-servers that are linked, or that have maps and can come back. */
  get expected(): number {
    const linked = new Set([...this.#entries.values()].map(({ server }) => server));
    return linked.size + this.awaited.length;
  }

  /** Passes the maps of this server to other servers, unless this server is linked again. */
  gone(server: string): void {
    if (this.#entryOf(server) !== undefined) return;
    this.#assigned = new Map([...this.#assigned].filter(([, host]) => host !== server));
    this.#assign();
  }

  announce(incarnation: string, announced: Announced): void {
    const entry = this.#entries.get(incarnation);
    if (entry === undefined) return;
    entry.announced = announced;
    entry.maps = new Set(announced.maps);
    this.#know(announced.maps);
    this.#assign(entry);
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

  /** Map-servers that understand what operators decided. Older ones would close their links. */
  get hearing(): readonly MapServer[] {
    return this.mapServers.filter(
      ({ incarnation }) => this.#entries.get(incarnation)?.announced?.hearsOrders,
    );
  }

  linkOf(incarnation: string): MapServerLink | undefined {
    return this.#entries.get(incarnation)?.link;
  }

  /**
   * Finds the map-server to which clients of this map are sent. Undefined: no server hosts the map, or its
   * host is away or draining.
   */
  hostOf(map: string): MapHost | undefined {
    const server = this.#assigned.get(map);
    const entry = server === undefined ? undefined : this.#entryOf(server);
    if (entry === undefined || stateOf(entry) !== "up" || entry.announced === null) return undefined;
    const { host, port, wsUrl, otherDoors, near } = entry.announced;
    return { ...entry, address: { host, port, wsUrl, otherDoors, near } };
  }

  /** Null: the server is not linked, and has no maps to come back to. */
  statusOf(server: string): MapServerStatus | null {
    const entry = this.#entryOf(server);
    const maps = this.#hostedBy(server);
    if (entry === undefined && maps.length === 0) return null;
    const state = entry === undefined ? "away" : stateOf(entry);
    return { server, state, players: entry?.players ?? 0, maps };
  }

  /**
   * Passes the maps of the server to other servers at once, before the server confirms the drain. The caller
   * uses the returned link to ask the server to drain. Null: the server is not linked, or has not announced
   * itself yet.
   */
  drain(server: string): MapServerLink | null {
    const entry = this.#entryOf(server);
    return entry !== undefined && this.#drain(entry) ? entry.link : null;
  }

  /** The server is about to leave for good. Its maps pass to other servers, and no client is sent to it. */
  leaving(incarnation: string): void {
    const entry = this.#entries.get(incarnation);
    if (entry === undefined) return;
    entry.isLeaving = true;
    this.#drain(entry);
  }

  #drain(entry: Entry): boolean {
    if (entry.announced === null) return false;
    entry.announced = { ...entry.announced, isDraining: true };
    this.#assign(entry);
    return true;
  }

  #know(maps: Iterable<string>): void {
    for (const map of maps) this.#known.add(map);
  }

  #entryOf(server: string): Entry | undefined {
    return [...this.#entries.values()].findLast((entry) => entry.server === server);
  }

  #hostedBy(server: string): readonly string[] {
    return [...this.#assigned].flatMap(([map, host]) => (host === server ? [map] : [])).sort();
  }

  /**
   * Assigns the maps anew. Tells every server whose maps change, and also `asking`. New hosts are told before
   * old hosts.
   */
  #assign(asking?: Entry): void {
    const before = this.#assigned;
    const servers = new Set([...before.values(), ...[...this.#entries.values()].map(({ server }) => server)]);
    const hosts = [...servers].map((server) => candidateOf(server, this.#entryOf(server)));
    const after = assignMaps(hosts, before);
    const moved = [...new Set([...before.keys(), ...after.keys()])].filter(
      (map) => before.get(map) !== after.get(map),
    );
    this.#assigned = after;
    this.#tellOfHomeless(hosts);
    if (moved.length > 0) this.#changed(after);
    const [gaining, losing] = [after, before].map((each) => moved.flatMap((map) => each.get(map) ?? []));
    for (const server of new Set([
      ...(gaining ?? []),
      ...(losing ?? []),
      ...(asking ? [asking.server] : []),
    ])) {
      const entry = this.#entryOf(server);
      if (entry === undefined || entry.announced === null) continue;
      const maps = this.#hostedBy(server);
      this.#log.info({ peer: server, maps }, "map-server now hosts these maps");
      entry.link.notify({ type: "map-server.host", maps });
    }
  }

  /**
   * Logs maps without a host. Maps whose host is away are left out, because the lost link of that host was
   * already logged. When the last server leaves, nothing is logged.
   */
  #tellOfHomeless(hosts: readonly Candidate[]): void {
    const awayHosts = new Set(hosts.flatMap(({ server, state }) => (state === "away" ? [server] : [])));
    const isHomeless = (map: string): boolean =>
      this.hostOf(map) === undefined && !awayHosts.has(this.#assigned.get(map) ?? "");
    const maps = [...this.#known].filter(isHomeless).sort();
    const homeless = maps.join();
    const stay = [...this.#entries.values()].some(({ isLeaving }) => !isLeaving);
    if (homeless !== this.#homeless && maps.length > 0 && stay) {
      this.#log.warn({ maps }, "no map-server hosts these maps; their characters wait");
    }
    this.#homeless = homeless;
  }
}

const stateOf = ({ announced }: Entry): Candidate["state"] =>
  announced === null ? "away" : announced.isDraining ? "draining" : "up";

const candidateOf = (server: string, entry: Entry | undefined): Candidate => ({
  server,
  state: entry === undefined ? "away" : stateOf(entry),
  capacity: entry?.announced?.playersMax ?? 0,
  players: entry?.players ?? 0,
  maps: entry?.maps ?? new Set(),
});
