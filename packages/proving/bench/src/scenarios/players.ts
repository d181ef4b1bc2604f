import type { Pids } from "../contenders/contender.ts";
import { locksAreFree } from "../contenders/locks-are-free.ts";
import { type Ours, startOurs } from "../contenders/ours.ts";
import { placesFor } from "../contenders/places.ts";
import type { CrowdLoad, WayToMap } from "../generator/orders.ts";
import { measureWhole, passed } from "../measure.ts";
import { settledKb } from "../memory/resident.ts";
import { processorMs } from "../processor-time.ts";
import { type Figure, figureOf, type Round } from "../report.ts";
import { accountNames, outOfSight, password, type Stage } from "./scenario.ts";

/** The number of players that come at the same time. */
export const atOnce = 16;
/** The largest map that a map file may have is a little larger. */
const sideMax = 1_000;
const collecting = ["login", "char", "map"];

type Use = Readonly<Record<string, number>>;

/** Many players on servers of their own, which come and leave together. */
export class Players {
  readonly #stage: Stage;
  readonly ours: Ours;
  readonly #names: readonly string[];
  readonly #emptyKb: Use;
  readonly #memoryKb: Use[] = [];
  readonly #idleMs: Use[] = [];

  private constructor(stage: Stage, ours: Ours, names: readonly string[], emptyKb: Use) {
    this.#stage = stage;
    this.ours = ours;
    this.#names = names;
    this.#emptyKb = emptyKb;
  }

  /** Starts servers for so many players: on one cell, or out of sight of each other. */
  static async open(stage: Stage, count: number, where: "one cell" | "apart"): Promise<Players> {
    const { rig, tell } = stage;
    const names = accountNames(count);
    const places = placesFor(count, { cellsApart: where === "apart" ? outOfSight : 0, sideMax });
    const ours = await startOurs({ rig, accounts: { names, password, places }, tell });
    return new Players(stage, ours, names, await settledKb(ours.pids, collecting));
  }

  get way(): Readonly<Record<"password" | "proof", WayToMap>> {
    const { login, char } = this.ours.doors;
    return {
      password: { by: "password", login: login.ragnarok, password },
      proof: { by: "proof", login: login.native, char: char.ragnarok, password },
    };
  }

  load(to: WayToMap, others: number): CrowdLoad {
    return { to, accounts: this.#names, atOnce, others };
  }

  /** Like `come`, for scenarios that do not report how the players came. Rejects if one of them failed. */
  async comeWell(load: CrowdLoad): Promise<void> {
    const { failures } = await this.come(load);
    if (Object.keys(failures).length > 0) throw new Error(`did not come: ${JSON.stringify(failures)}`);
  }

  come(load: CrowdLoad): Promise<Round> {
    return measureWhole(this.#stage, this.ours.pids, () => this.#stage.generators.come(load));
  }

  /** Until every client was let go, and every lock is free, so that every last save is stored. */
  leave(): Promise<Round> {
    const { generators } = this.#stage;
    return measureWhole(this.#stage, this.ours.pids, async () => {
      const left = await generators.ask("leave");
      await locksAreFree(this.ours.redisUrl);
      return left;
    });
  }

  /** Notes what the players use of memory, all together, and of the processor while they only stand there. */
  async look(): Promise<void> {
    const { pids } = this.ours;
    const heldKb = await settledKb(pids, collecting);
    this.#memoryKb.push(
      mapped(pids, (name) => ((heldKb[name] ?? 0) - (this.#emptyKb[name] ?? 0)) / this.#names.length),
    );
    const { seconds } = this.#stage.size;
    const before = mapped(pids, (_, pid) => processorMs(pid));
    await passed(seconds);
    this.#idleMs.push(mapped(pids, (name, pid) => (processorMs(pid) - (before[name] ?? 0)) / seconds));
  }

  figuresOf(scenario: string): readonly Figure[] {
    const count = this.#names.length;
    return [
      figureOf({ scenario, name: `${count}, memory a player`, unit: "KB" }, this.#memoryKb),
      figureOf({ scenario, name: `${count}, processor while idle`, unit: "ms a second" }, this.#idleMs),
    ];
  }
}

const mapped = (pids: Pids, of: (name: string, pid: number) => number): Use =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, of(name, pid)]));
