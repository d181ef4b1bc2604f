import type { Presence } from "@sallyport/cluster-protocol";
import { accepted, type PublicAddress, refused, type World } from "@sallyport/domain";

/*
 * The worlds that clients may choose from: those of all char-servers that are linked to a login-server of the
 * cluster. The login-server knows at once of char-servers that are linked to it. It learns of all others from
 * the directory, a little later.
 */

/** A world with its addresses. The address that a client gets depends on the network that it comes from. */
export type AnnouncedWorld = World & PublicAddress;

interface LinkedHere<Link> {
  readonly server: string;
  readonly link: Link;
  world: AnnouncedWorld | null;
}

interface LinkedElsewhere {
  readonly server: string;
  readonly world: AnnouncedWorld;
}

export class Worlds<Link> {
  readonly #here = new Map<string, LinkedHere<Link>>();
  readonly #newsMs: number;
  #elsewhere: readonly LinkedElsewhere[] = [];
  /** The last link of each server to this login-server was lost at this time. */
  readonly #lostMs = new Map<string, number>();

  /** News from the directory is at most `newsMs` old. */
  constructor(newsMs: number) {
    this.#newsMs = newsMs;
  }

  add({ server, incarnation }: { server: string; incarnation: string }, link: Link): void {
    this.#here.set(incarnation, { server, link, world: null });
  }

  remove(incarnation: string, nowMs: number): void {
    const server = this.#here.get(incarnation)?.server;
    if (server !== undefined) this.#lostMs.set(server, nowMs);
    this.#here.delete(incarnation);
  }

  announce(incarnation: string, world: AnnouncedWorld) {
    const entry = this.#here.get(incarnation);
    const all = [...this.#here.values(), ...this.#elsewhere];
    // The server may still have an entry from an earlier link. That entry is ignored.
    const isTaken = all.some((each) => each.world?.name === world.name && each.server !== entry?.server);
    if (isTaken) return refused("world-taken");
    if (entry !== undefined) entry.world = world;
    return accepted({});
  }

  setPlayers(incarnation: string, players: number): void {
    const entry = this.#here.get(incarnation);
    if (entry?.world) entry.world = { ...entry.world, players };
  }

  /**
   * Takes the presences from the directory. A server whose link here was just lost may still look linked in
   * the directory. Such a server is listed again only after `newsMs`.
   */
  hear(presences: readonly Presence[], nowMs: number): void {
    for (const [server, lostMs] of this.#lostMs) {
      if (nowMs - lostMs >= this.#newsMs) this.#lostMs.delete(server);
    }
    this.#elsewhere = presences.filter(isLinked).flatMap((presence) => {
      const world = worldOf(presence);
      return world === null || this.#lostMs.has(presence.name) ? [] : [{ server: presence.name, world }];
    });
  }

  /** The links of all char-servers that are linked here. */
  get links(): readonly Link[] {
    return [...this.#here.values()].map(({ link }) => link);
  }

  /** The char-servers that are linked here. */
  get servers(): readonly { readonly server: string; readonly incarnation: string }[] {
    return [...this.#here].map(([incarnation, { server }]) => ({ server, incarnation }));
  }

  linkOf(incarnation: string): Link | undefined {
    return this.#here.get(incarnation)?.link;
  }

  /** The worlds are sorted by name, so that all login-servers list them in the same order. */
  list(): readonly AnnouncedWorld[] {
    const found = new Map<string, AnnouncedWorld>();
    const all = [...this.#here.values(), ...this.#elsewhere];
    for (const { world } of all) if (world !== null && !found.has(world.name)) found.set(world.name, world);
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

const isLinked = ({ kind, state, links }: Presence): boolean =>
  kind === "char" && state === "up" && links.some((link) => link.kind === "login" && link.state !== "down");

const worldOf = ({ world: name, players, publicDoor }: Presence): AnnouncedWorld | null =>
  name === null || publicDoor === null ? null : { name, players, ...publicDoor };
