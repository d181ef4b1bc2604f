import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { until } from "@sallyport/testkit";
import type { Pair, TestCluster } from "./test-cluster.ts";

export type LinkName = "char-server" | "map-1" | "map-2";
type Ends = readonly [ByteChannel, ByteChannel];

/** A link can be lost in these ways. `how` says what happens, and at which end. */
export const losses = [
  { how: "is cut at its own end", lose: ([near]: Ends) => near.destroy() },
  { how: "is cut at the other end", lose: ([, far]: Ends) => far.destroy() },
  {
    // Both ends keep writing, and neither receives bytes, as when a cable is pulled.
    how: "is still there, and carries nothing any more",
    lose: (ends: Ends) => {
      for (const end of ends) end.pause();
    },
  },
];

/** Links that a test can break and mend. A link has the name of the server that connects. */
export class BreakableLinks {
  readonly #away = new Set<string>();
  readonly #newest = new Map<string, Ends>();
  readonly #counts = new Map<string, number>();
  readonly #pair: Pair;

  constructor(pair: Pair = memoryChannelPair) {
    this.#pair = pair;
  }

  readonly pair: Pair = async (names) => {
    const [from] = names;
    if (this.#away.has(from)) throw new Error("connection refused");
    const ends = await this.#pair(names);
    this.#newest.set(from, ends);
    this.#counts.set(from, this.countOf(from) + 1);
    return ends;
  };

  countOf(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  lose(name: LinkName, lose = losses[0]?.lose): void {
    const ends = this.#newest.get(name);
    if (ends === undefined) throw new Error(`${name} was never linked`);
    lose?.(ends);
  }

  /** Breaks the link. Until `mend`, the server cannot link again. */
  break(name: LinkName): void {
    this.#away.add(name);
    this.lose(name);
  }

  mend(name: LinkName): void {
    this.#away.delete(name);
  }
}

export const isLinked = (cluster: TestCluster, name: LinkName): boolean =>
  name === "char-server" ? cluster.char.isLinked : cluster.mapServer(name).isLinked;

/** Waits until a lost link is restored. A server notices a silent link only after eight seconds. */
export async function untilBack(cluster: TestCluster, links: BreakableLinks, name: LinkName): Promise<void> {
  const count = links.countOf(name);
  await until(() => links.countOf(name) > count && isLinked(cluster, name), {
    what: `${name} is linked again`,
  });
}
