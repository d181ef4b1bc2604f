import { accepted, refused, type World } from "@sallyport/domain";

/** The char-servers linked here, by incarnation, and the worlds that they announced. */
export class Worlds<Link> {
  readonly #entries = new Map<string, { readonly link: Link; world: World | null }>();

  add(incarnation: string, link: Link): void {
    this.#entries.set(incarnation, { link, world: null });
  }

  remove(incarnation: string): void {
    this.#entries.delete(incarnation);
  }

  announce(incarnation: string, world: World) {
    for (const [other, entry] of this.#entries) {
      if (other !== incarnation && entry.world?.name === world.name) return refused("world-taken");
    }
    const entry = this.#entries.get(incarnation);
    if (entry !== undefined) entry.world = world;
    return accepted({});
  }

  setPlayers(incarnation: string, players: number): void {
    const entry = this.#entries.get(incarnation);
    if (entry?.world) entry.world = { ...entry.world, players };
  }

  linkOf(incarnation: string): Link | undefined {
    return this.#entries.get(incarnation)?.link;
  }

  list(): readonly World[] {
    return [...this.#entries.values()].flatMap(({ world }) => (world === null ? [] : [world]));
  }
}
