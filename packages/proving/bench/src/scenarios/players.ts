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

/** Map files allow sides that are a little longer than this. */
const sideMax = 1_000;
const collecting = ["login", "char", "map"];

type Where = "one cell" | "apart";
type Use = Readonly<Record<string, number>>;

/** Many players that come and leave together. They have their own servers. */
export class Players {
  readonly #stage: Stage;
  readonly ours: Ours;
  readonly #names: readonly string[];
  readonly #isTogether: boolean;
  #emptyKb: Use = {};
  readonly #memoryKb: Use[] = [];
  readonly #idleMs: Use[] = [];

  private constructor(stage: Stage, ours: Ours, names: readonly string[], where: Where) {
    this.#stage = stage;
    this.ours = ours;
    this.#names = names;
    this.#isTogether = where === "one cell";
  }

  /** Starts servers for `count` players. The players stand on one cell or out of sight of each other. */
  static async open(stage: Stage, count: number, where: Where): Promise<Players> {
    const { rig, tell } = stage;
    const names = accountNames(count);
    const places = placesFor(count, { cellsApart: where === "apart" ? outOfSight : 0, sideMax });
    const ours = await startOurs({ rig, accounts: { names, password, places }, tell });
    const players = new Players(stage, ours, names, where);
    await players.#warmUp();
    return players;
  }

  /**
   * Lets some players come and leave before the measurement, because servers need extra memory for their
   * first players.
   */
  async #warmUp(): Promise<void> {
    const accounts = this.#names.slice(0, this.#stage.size.atOnce);
    await this.comeWell({ ...this.load, accounts, others: this.#isTogether ? accounts.length - 1 : 0 });
    await this.leave();
    this.#emptyKb = await settledKb(this.ours.pids, collecting);
  }

  /**
   * Players on one cell log in with passwords that servers remember. Players that stand apart log in with
   * proofs, because password hashes for so many players can take minutes.
   */
  get load(): CrowdLoad {
    const { login, char } = this.ours.doors;
    const { atOnce } = this.#stage.size;
    const to: WayToMap = this.#isTogether
      ? { by: "password", login: login.ragnarok, password }
      : { by: "proof", login: login.native, char: char.ragnarok, password };
    return { to, accounts: this.#names, atOnce, others: this.#isTogether ? this.#names.length - 1 : 0 };
  }

  /**
   * Does the same as `come`, for scenarios that do not report how the players came. Rejects if a player
   * failed to come.
   */
  async comeWell(load = this.load): Promise<void> {
    const { failures } = await this.come(load);
    if (Object.keys(failures).length > 0) throw new Error(`did not come: ${JSON.stringify(failures)}`);
  }

  come(load = this.load): Promise<Round> {
    return measureWhole(this.#stage, this.ours.pids, () => this.#stage.generators.come(load));
  }

  /**
   * Resolves when the servers have let all clients leave and all locks are free. At this time, all last saves
   * are stored.
   */
  leave(): Promise<Round> {
    const { generators } = this.#stage;
    return measureWhole(this.#stage, this.ours.pids, async () => {
      const left = await generators.ask("leave");
      await locksAreFree(this.ours.redisUrl);
      return left;
    });
  }

  /**
   * Records the memory that the players need. Also records the processor time while the players only stand.
   */
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
