import { type AnswerTo, accepted, type CharacterState, type MapDoor, refused } from "@sallyport/domain";
import type { CharacterOwner, CharacterOwnerEvent } from "@sallyport/lock-core";
import { type Host, unavailable } from "@sallyport/server-kit";
import type { CharLink } from "./char-link.ts";
import { CommandRate } from "./game/command-rate.ts";
import type { NextChange } from "./next-change.ts";
import { isChanged, type Player } from "./player.ts";

/** A client needs none, because the server saves by itself. So a client that asks all the time must cost little. */
const askedPerSecond = 1;

export interface SavesDeps {
  readonly link: Pick<CharLink, "isUp" | "save">;
  readonly changes: Pick<NextChange<Player>, "next">;
  readonly stateOf: (player: Player) => CharacterState;
  readonly feed: (player: Player, event: CharacterOwnerEvent) => void;
}

/** Saves players while they play: from time to time, and when their clients ask for it. */
export class Saves {
  readonly #host: Pick<Host, "clock">;
  readonly #deps: SavesDeps;
  readonly #rates = new WeakMap<Player, CommandRate>();

  constructor(host: Pick<Host, "clock">, deps: SavesDeps) {
    this.#host = host;
    this.#deps = deps;
  }

  /** Call it often. The table decides whether a save is due. */
  autosave(player: Player): void {
    this.#deps.feed(player, { type: "autosave", isChanged: this.#isChanged(player) });
  }

  /**
   * Saves the player because its client asked for it. If this accepts, the state that the player has now, or a
   * newer one, is stored. It waits for a save that is under way, for its own save, and for a hop, but not for a
   * player that leaves.
   */
  async asked(player: Player): Promise<AnswerTo<MapDoor, "map.save">> {
    // A save that is under way may have the state before the last change.
    await this.#settled(player);
    const { owner } = player;
    if (owner.state !== "playing") return unavailable();
    if (owner.isStoredKnown && !this.#isChanged(player)) return accepted({});
    // Each of these saves would fail, and count as one that a store did not answer.
    if (!this.#deps.link.isUp) return unavailable();
    const nowMs = this.#host.clock.nowMs();
    const pauseMs = owner.unsavedSinceMs === null ? 0 : owner.saveDueMs - nowMs;
    if (pauseMs > 0) return refused("unavailable", pauseMs);
    const waitMs = this.#rateOf(player).waitMs(nowMs);
    if (waitMs > 0) return refused("too-many", waitMs);
    const saveNumber = owner.newest + 1;
    this.#deps.feed(player, { type: "save" });
    await this.#settled(player);
    return player.stored.saveNumber >= saveNumber ? accepted({}) : unavailable();
  }

  /** Sends the present state to the char-server, as the save with this number. */
  async ask(player: Player, saveNumber: number): Promise<void> {
    const save = { ...this.#deps.stateOf(player), saveNumber };
    const saved = await this.#deps.link.save(player, save);
    if (saved.ok) player.stored = save;
    const answer = saved.ok
      ? ({ type: "saved" } as const)
      : ({ type: "not-saved", why: saved.refusal } as const);
    this.#deps.feed(player, { ...answer, save: saveNumber });
  }

  #isChanged(player: Player): boolean {
    return isChanged(player, this.#deps.stateOf(player));
  }

  async #settled(player: Player): Promise<void> {
    while (isUnsettled(player.owner)) await this.#deps.changes.next(player);
  }

  #rateOf(player: Player): CommandRate {
    const rate = this.#rates.get(player) ?? new CommandRate(askedPerSecond);
    this.#rates.set(player, rate);
    return rate;
  }
}

const isUnsettled = (owner: CharacterOwner): boolean =>
  owner.state === "hopping" || (owner.state === "playing" && owner.saving !== null);
