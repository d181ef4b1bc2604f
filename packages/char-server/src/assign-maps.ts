/*
 * Decides which map-server hosts which map. The function is pure and idempotent: the same servers and the
 * same assignment give the same result, and assigning again changes nothing.
 */

export interface Candidate {
  readonly server: string;
  /**
   * `up`: the server takes maps. `away`: the server keeps its maps, because it may come back to its players.
   * `draining`: the server keeps only the maps that no other server can host.
   */
  readonly state: "up" | "away" | "draining";
  /** The server's share of the maps is in proportion to this number. */
  readonly capacity: number;
  /**
   * If shares are equal, the server with the fewest players in proportion to its capacity gets the next map.
   */
  readonly players: number;
  /** The server can host these maps. The set is not used for a server that is away. */
  readonly maps: ReadonlySet<string>;
}

/** The key is the name of a map. The value is the name of the server that hosts this map. */
export type Assignment = ReadonlyMap<string, string>;

/**
 * Servers keep their maps as far as shares allow. A map moves only if the move brings the servers that are up
 * closer to their shares. Maps move until no move helps. If some servers cannot host every map, one move can
 * be a chain: A gives a map to B, and B gives a different map to C. The shortest chain is taken.
 */
export function assignMaps(hosts: readonly Candidate[], assigned: Assignment): Assignment {
  const byName = [...hosts].sort((a, b) => (a.server < b.server ? -1 : 1));
  const shares = byName.filter(({ state }) => state === "up").map((host) => new Share(host));
  const shareOf = new Map(shares.map((share) => [share.server, share]));
  const away = new Set(byName.filter(({ state }) => state === "away").map(({ server }) => server));
  const next = new Map<string, string>();
  for (const [map, server] of assigned) {
    if (away.has(server)) next.set(map, server);
    else if (shareOf.get(server)?.mayHave(map)) shareOf.get(server)?.keep(map);
  }
  const taken = new Set([...next.keys(), ...shares.flatMap(({ maps }) => [...maps])]);
  const known = new Set(byName.flatMap(({ maps }) => [...maps]));
  for (const map of [...known].sort()) {
    if (taken.has(map)) continue;
    const lightest = least(
      shares.filter((share) => share.mayHave(map)),
      (a, b) => a.isLighterThan(b),
    );
    const holder = byName.find(({ server, state }) => state === "draining" && server === assigned.get(map));
    if (lightest !== undefined) lightest.take(map);
    else if (holder?.maps.has(map)) next.set(map, holder.server);
  }
  while (moveOne(shares));
  for (const { server, maps } of shares) for (const map of maps) next.set(map, server);
  return next;
}

/** Moves one map to a less loaded server, directly or by a chain. Returns false if no move helps. */
function moveOne(shares: readonly Share[]): boolean {
  const heaviest = [...shares].sort((a, b) => (b.isLighterToLose(a) ? -1 : a.isLighterToLose(b) ? 1 : 0));
  for (const from of heaviest) {
    const ways = waysFrom(from, shares);
    const to = least([...ways.keys()], (a, b) => a.isLighterThan(b));
    if (to === undefined || !from.isHeavierToLoseThanToTake(to)) continue;
    for (let end: Share = to; end !== from; ) {
      const start = ways.get(end) as Share;
      end.take(start.giveTo(end));
      end = start;
    }
    return true;
  }
  return false;
}

/**
 * Finds the servers to which `from` can shift load by a chain of moves. The value for each server is the
 * server before it in a shortest chain.
 */
function waysFrom(from: Share, shares: readonly Share[]): ReadonlyMap<Share, Share> {
  const ways = new Map<Share, Share>();
  const open = [from];
  for (const start of open) {
    for (const end of shares) {
      if (end === from || ways.has(end) || !start.hasFor(end)) continue;
      ways.set(end, start);
      open.push(end);
    }
  }
  return ways;
}

/**
 * The maps of one server. n maps at capacity c cost n²/c, so one more map costs (2n + 1)/c and one map less
 * saves (2n − 1)/c. Shares are even when no move saves more than it costs. Costs are compared as whole
 * numbers, without division.
 */
class Share {
  readonly server: string;
  readonly maps = new Set<string>();
  readonly #capacity: number;
  readonly #players: number;
  readonly #mayHave: ReadonlySet<string>;
  /**
   * The maps that this assignment has just given to the server. These maps change their server in any case,
   * so they are the first to be passed on.
   */
  readonly #fresh = new Set<string>();

  constructor({ server, capacity, players, maps }: Candidate) {
    this.server = server;
    this.#capacity = Math.max(1, capacity);
    this.#players = players;
    this.#mayHave = maps;
  }

  mayHave(map: string): boolean {
    return this.#mayHave.has(map);
  }

  keep(map: string): void {
    this.maps.add(map);
  }

  take(map: string): void {
    this.maps.add(map);
    this.#fresh.add(map);
  }

  hasFor(other: Share): boolean {
    for (const map of this.maps) if (other.mayHave(map)) return true;
    return false;
  }

  giveTo(other: Share): string {
    const fits = [...this.maps].filter((map) => other.mayHave(map));
    const isSooner = (a: string, b: string): boolean =>
      this.#fresh.has(a) === this.#fresh.has(b) ? a > b : this.#fresh.has(a);
    const map = least(fits, isSooner);
    if (map === undefined) throw new Error(`${this.server} has nothing for ${other.server}`);
    this.maps.delete(map);
    this.#fresh.delete(map);
    return map;
  }

  /** Returns true if one more map would cost less here than on `other`. */
  isLighterThan(other: Share): boolean {
    const cost = (2 * this.maps.size + 1) * other.#capacity;
    const itsCost = (2 * other.maps.size + 1) * this.#capacity;
    return cost < itsCost || (cost === itsCost && this.#isEmptierThan(other));
  }

  isLighterToLose(other: Share): boolean {
    return (2 * this.maps.size - 1) * other.#capacity < (2 * other.maps.size - 1) * this.#capacity;
  }

  isHeavierToLoseThanToTake(other: Share): boolean {
    return (2 * this.maps.size - 1) * other.#capacity > (2 * other.maps.size + 1) * this.#capacity;
  }

  #isEmptierThan(other: Share): boolean {
    return this.#players * other.#capacity < other.#players * this.#capacity;
  }
}

/** Returns the least element. If several elements are equally small, returns the first of them. */
function least<T>(all: readonly T[], isLess: (a: T, b: T) => boolean): T | undefined {
  return all.reduce<T | undefined>(
    (best, each) => (best === undefined || isLess(each, best) ? each : best),
    undefined,
  );
}
