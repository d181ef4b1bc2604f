import { backOffMs } from "@sallyport/clock";
import type { Host } from "@sallyport/server-kit";
import { isIn, type Player } from "./player.ts";
import type { Population } from "./population.ts";

export interface StrayMovesOptions {
  readonly population: Pick<Population, "strays" | "goOn">;
  /** Maximum number of players handed over in a second. */
  readonly perSecond: number;
}

interface Refused {
  readonly times: number;
  readonly againMs: number;
}

const everyMs = 100;
const pause = { minMs: 500, maxMs: 5_000 };

/**
 * Hands over strays: players on a map that this server no longer hosts. If a hand-over fails, the player
 * stays here and the hand-over is repeated later.
 */
export class StrayMoves {
  readonly #host: Pick<Host, "clock" | "log" | "failed">;
  readonly #options: StrayMovesOptions;
  readonly #refused = new WeakMap<Player, Refused>();
  #budget = 0;
  #underWay = 0;
  #moved = 0;
  #isMoving = false;
  readonly #stop: () => void;

  constructor(host: Pick<Host, "clock" | "log" | "failed">, options: StrayMovesOptions) {
    this.#host = host;
    this.#options = options;
    this.#stop = host.clock.every(everyMs, () => this.#moveSome());
  }

  stop(): void {
    this.#stop();
  }

  #moveSome(): void {
    const { clock, log, failed } = this.#host;
    const { population, perSecond } = this.#options;
    // Maximum number of moves that can begin in one tick. It can be a fraction.
    const share = (perSecond * everyMs) / 1_000;
    this.#budget = Math.min(this.#budget + share, Math.max(1, share));
    const strays = population.strays.filter((player) => isIn(player, "playing"));
    if (strays.length > 0 && !this.#isMoving)
      log.info({ players: strays.length }, "handing players over to other map-servers");
    if (strays.length === 0 && this.#underWay === 0 && this.#isMoving) {
      log.info({ players: this.#moved }, "players were handed over to other map-servers");
      this.#moved = 0;
    }
    this.#isMoving = strays.length > 0 || this.#underWay > 0;
    const nowMs = clock.nowMs();
    for (const player of strays) {
      // At most `perSecond` moves wait for their answers at the same time.
      if (this.#budget < 1 || this.#underWay >= perSecond) return;
      if (nowMs < (this.#refused.get(player)?.againMs ?? nowMs)) continue;
      this.#budget -= 1;
      this.#move(player).catch(failed);
    }
  }

  async #move(player: Player): Promise<void> {
    this.#underWay += 1;
    const isGone = await this.#options.population.goOn(player);
    this.#underWay -= 1;
    if (isGone) {
      this.#moved += 1;
      return;
    }
    const times = (this.#refused.get(player)?.times ?? 0) + 1;
    const pauseMs = backOffMs(times - 1, pause);
    this.#refused.set(player, { times, againMs: this.#host.clock.nowMs() + pauseMs });
  }
}
