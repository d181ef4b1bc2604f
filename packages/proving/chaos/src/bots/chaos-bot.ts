import { GameWatch, type Stop } from "@sallyport/bots";
import type { Random } from "@sallyport/random";
import type { Way } from "@sallyport/rig";
import { type Game, systemClock } from "@sallyport/sdk";
import { side, warpCell } from "../cluster/small-maps.ts";
import { RecordedClient, type RecordedClientOptions } from "./recorded-client.ts";

export interface ChaosBotOptions extends Omit<RecordedClientOptions, "way"> {
  /** Each visit to the world uses one of these ways. */
  readonly ways: readonly [Way, ...Way[]];
  readonly random: Random;
  readonly stop: Stop;
  readonly stepMs: number;
}

type Ending = "leaves" | "goes back" | "vanishes" | "comes again elsewhere";

const refusedWaitMs = 150;

/** A player that walks, crosses maps, comes and goes, and accepts every refusal. */
export class ChaosBot {
  readonly name: string;
  readonly #options: ChaosBotOptions;
  /** Clients that were still in the world when the bot started another client for the same account. */
  readonly #leftBehind = new Set<Game>();

  constructor(options: ChaosBotOptions) {
    this.name = options.name;
    this.#options = options;
  }

  register(): Promise<boolean> {
    return this.#newClient().register();
  }

  async run(): Promise<void> {
    const { stop, random } = this.#options;
    while (!stop.isAsked) {
      const client = this.#newClient();
      let entered = await client.enter();
      while (entered.ok && !stop.isAsked) {
        const game = entered.value;
        await this.#play(client, game);
        const ending = this.#ending();
        if (ending === "goes back" && game.isOpen) {
          entered = await client.backToCharSelect(game);
          continue;
        }
        await this.#end(client, game, ending);
        break;
      }
      await stop.wait(random.whole(20, entered.ok ? 400 : 900));
    }
    for (const game of this.#leftBehind) game.destroy();
  }

  /**
   * Tries to enter the world until this succeeds or the run stops. Resolves to the refusals that the bot got.
   * If the bot never entered, the last entry is `never`.
   */
  async comeHome(): Promise<readonly string[]> {
    const { random, stop } = this.#options;
    const refusals: string[] = [];
    while (!stop.isAsked) {
      const client = this.#newClient();
      const entered = await client.enter();
      if (entered.ok) {
        const game = entered.value;
        await this.#walk(client, game, new GameWatch(game, systemClock), 0);
        await client.leave(game);
        game.destroy();
        return refusals;
      }
      refusals.push(entered.refusal);
      await stop.wait(random.whole(200, 800));
    }
    return [...refusals, "never"];
  }

  #newClient(): RecordedClient {
    const { ways, random } = this.#options;
    const way = ways[random.whole(0, ways.length - 1)] ?? ways[0];
    return new RecordedClient({ ...this.#options, way });
  }

  #ending(): Ending {
    const drawn = this.#options.random.next();
    if (drawn < 0.4) return "leaves";
    if (drawn < 0.6) return "goes back";
    return drawn < 0.8 ? "vanishes" : "comes again elsewhere";
  }

  async #end(client: RecordedClient, game: Game, ending: Ending): Promise<void> {
    if (ending === "comes again elsewhere") {
      this.#leftBehind.add(game);
      void game.closed.then(() => this.#leftBehind.delete(game));
      return;
    }
    if (ending === "leaves") {
      const left = await client.leave(game);
      if (left.ok && this.#isStanding) client.stood("left", game.position);
    }
    game.destroy();
  }

  #isStanding = false;

  async #play(client: RecordedClient, game: Game): Promise<void> {
    const { random, stop } = this.#options;
    // Some bots stay on one map for a long time, so that many saves have the same fence.
    const staysMuch = random.chance(0.25);
    const walks = staysMuch ? 60 : random.whole(1, 8);
    const warpChance = staysMuch ? 0.01 : 0.3;
    const watch = new GameWatch(game, systemClock);
    this.#isStanding = true;
    for (let walk = 0; walk < walks && game.isOpen && !stop.isAsked; walk += 1) {
      if (random.chance(0.15)) await client.say(game, `walk ${walk}`);
      await this.#walk(client, game, watch, warpChance);
    }
  }

  async #walk(client: RecordedClient, game: Game, watch: GameWatch, warpChance: number): Promise<void> {
    const { random, stop, stepMs } = this.#options;
    const inner = side - 2;
    const to = random.chance(warpChance)
      ? warpCell
      : { x: random.whole(1, inner), y: random.whole(1, inner) };
    const { map } = game.position;
    this.#isStanding = false;
    watch.aim({ ...to, isWarp: false });
    const walked = await client.walk(game, to);
    if (!walked.ok) return stop.wait(refusedWaitMs);
    const withinMs = walked.value.steps * stepMs * 3 + 1_000;
    const waited = await watch.until(() => watch.hasArrived, { withinMs, stop });
    const isThere = game.position.map === map && isAt(game.position, to) && !isAt(to, warpCell);
    this.#isStanding = isThere && (waited === "held" || waited === "timed-out");
  }
}

interface Cell {
  readonly x: number;
  readonly y: number;
}

const isAt = (a: Cell, b: Cell): boolean => a.x === b.x && a.y === b.y;
