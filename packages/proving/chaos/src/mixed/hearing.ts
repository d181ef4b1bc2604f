/** `NAME says NUMBER`, which no two players say. */
const said = /(\S+) says (\d+)/;

/** Which protocols' clients have heard which client, and which protocols hear each other. */
export class Hearing {
  readonly #protocols: readonly string[];
  /** The protocol by which each line was said. */
  readonly #saidBy = new Map<string, string>();
  readonly #heardBy = new Map<string, Set<string>>();
  readonly #pairs = new Map<string, number>();
  #lines = 0;

  constructor(protocols: readonly string[]) {
    this.#protocols = protocols;
  }

  /** A line that this client is about to say by this protocol. */
  nextLine(name: string, protocol: string): string {
    this.#lines += 1;
    const line = `${name} says ${this.#lines}`;
    this.#saidBy.set(line, protocol);
    return line;
  }

  /** A client of this protocol has heard this. */
  heard(text: string, by: string): void {
    const [line = "", name = ""] = said.exec(text) ?? [];
    const protocol = this.#saidBy.get(line);
    if (protocol === undefined) return;
    const pair = `${protocol} → ${by}`;
    this.#pairs.set(pair, (this.#pairs.get(pair) ?? 0) + 1);
    if (protocol === by) return;
    const others = this.#heardBy.get(name) ?? new Set();
    this.#heardBy.set(name, others.add(by));
  }

  /** Whether a client of another protocol than it used itself has ever heard it. */
  isHeardByOthers(name: string): boolean {
    return this.#heardBy.has(name);
  }

  /** Pairs of protocols of which the second has never heard the first, as `one → other`. */
  get missing(): readonly string[] {
    const pairs = this.#protocols.flatMap((one) => this.#protocols.map((other) => `${one} → ${other}`));
    return pairs.filter((pair) => !this.#pairs.has(pair));
  }

  /** Whether clients of this protocol have heard those of each, and were heard by those of each. */
  isComplete(protocol: string): boolean {
    return !this.missing.some((pair) => pair.split(" → ").includes(protocol));
  }

  /** How often a client of `to` has heard one of `from`. */
  times(from: string, to: string): number {
    return this.#pairs.get(`${from} → ${to}`) ?? 0;
  }
}
