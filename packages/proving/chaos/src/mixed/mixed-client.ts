import type { Stop } from "@sallyport/bots";
import type { Random } from "@sallyport/random";
import {
  type Account,
  type Entrance,
  type Player,
  type PlayerProtocol,
  playerProtocols,
} from "@sallyport/rig";
import type { Credentials } from "@sallyport/sdk";
import { recordedVisitor, stood } from "../bots/recorded-visitor.ts";
import { room, side, warpCell } from "../cluster/small-maps.ts";
import type { Fact } from "../history/fact.ts";
import type { Hearing } from "./hearing.ts";

export interface MixedClientOptions {
  /** The client begins with the protocol of this number, and takes the next one at each visit. */
  readonly nth: number;
  readonly account: Account;
  readonly entrances: readonly Entrance[];
  readonly from: string;
  readonly credentials: Credentials;
  readonly saw: (fact: Fact) => void;
  readonly random: Random;
  readonly stop: Stop;
  readonly stepMs: number;
  readonly hearing: Hearing;
  /** Whether the client may stay away after so many visits. */
  readonly isEnough: (visits: number) => boolean;
}

/** What became of one client. */
export interface MixedRecord {
  readonly name: string;
  readonly login: string;
  /** The protocol of each visit that ended in good order. */
  readonly visits: readonly string[];
  /** The visits that did not begin, or did not end in good order. */
  readonly failed: readonly string[];
  readonly complaints: readonly string[];
}

const attemptsMax = 20;
const warpsPerVisit = 2;
const speechesMax = 6;
const hearMs = 1_000;
const lookMs = 50;

/** The protocol with which this account registers. */
export const firstProtocol = (nth: number): PlayerProtocol =>
  playerProtocols[nth % playerProtocols.length] as PlayerProtocol;

/**
 * A client of a world without faults. At each visit it comes by another protocol, to the same account and the same
 * character: it speaks until others hear it, goes to the other map-server, speaks again, and leaves.
 */
export class MixedClient {
  readonly #options: MixedClientOptions;
  readonly #visits: string[] = [];
  readonly #failed: string[] = [];
  readonly #complaints: string[] = [];
  #player: Player | null = null;

  constructor(options: MixedClientOptions) {
    this.#options = options;
  }

  get isIn(): boolean {
    return this.#player?.isIn === true;
  }

  get record(): MixedRecord {
    return {
      ...{ name: this.#options.account.character, login: this.#options.account.login },
      ...{ visits: this.#visits, failed: this.#failed, complaints: this.#complaints },
    };
  }

  async run(): Promise<void> {
    const { nth, stop, isEnough, random } = this.#options;
    const first = this.#entrance(firstProtocol(nth));
    const { busyWords } = first.protocol;
    await this.#patiently(async () => {
      const registered = await first.protocol.register(this.#visitorAt(first));
      return registered.ok || !busyWords.includes(registered.refusal) || null;
    });
    for (let visit = 0; !stop.isAsked && !isEnough(visit); visit += 1) {
      await this.#visit(this.#entrance(firstProtocol(nth + visit)));
      await stop.wait(random.whole(50, 500));
    }
  }

  async #visit(entrance: Entrance): Promise<void> {
    const { name } = entrance.protocol;
    const first = await this.#enter(entrance);
    if (first === null) return;
    await this.#speak(first, name);
    const player = await this.#goBack(first, entrance);
    if (player === null) return;
    await this.#travel(player);
    await this.#speak(player, name);
    const left = await player.leave();
    if (left.ok) this.#visits.push(name);
    else this.#failed.push(`${name} by ${entrance.name}: could not leave, ${left.refusal}`);
    this.#part(player, name);
  }

  async #enter(entrance: Entrance): Promise<Player | null> {
    this.#player = await this.#patiently(async () => {
      const entered = await entrance.protocol.enter(this.#visitorAt(entrance));
      return entered.ok ? entered.value : null;
    });
    if (this.#player === null)
      this.#failed.push(`${entrance.protocol.name} by ${entrance.name}: could not enter`);
    else this.#options.saw(stood(this.#options.account, "unknown"));
    return this.#player;
  }

  #part(player: Player, protocol: string): void {
    this.#complaints.push(...player.complaints.map((complaint) => `${protocol}: ${complaint}`));
    player.destroy();
  }

  /**
   * Walks to a cell, and goes back to the characters for a moment. If a server is too busy to let the character in
   * again, the client logs in anew. Resolves to null if it does not come in.
   */
  async #goBack(player: Player, entrance: Entrance): Promise<Player | null> {
    if (player.walk === undefined) return player;
    const { random, account, saw, stop } = this.#options;
    const cell = { x: random.whole(1, side - 3), y: random.whole(1, side - 3) };
    await player.walk({ ...cell, isWarp: false });
    const { stands } = player;
    if (stands !== null) saw(stood(account, "left", stands));
    const back = await player.goBack?.();
    saw(stood(account, "unknown"));
    const { name, busyWords } = entrance.protocol;
    if (back?.ok === false && busyWords.includes(back.refusal)) {
      this.#part(player, name);
      return this.#enter(entrance);
    }
    // In a room a character that has just come has had no time for any way.
    await stop.wait(lookMs);
    return player;
  }

  /** Goes over two warps, one of which leads to the other map-server. Some then go to the room. */
  async #travel(player: Player): Promise<void> {
    if (player.walk === undefined) return;
    for (let warp = 0; warp < warpsPerVisit; warp += 1) await player.walk({ ...warpCell, isWarp: true });
    if (this.#options.random.chance(0.5)) await player.enterRoom?.(room);
  }

  /**
   * Speaks until a client of another protocol has ever heard it, and then for a while longer, as long as there is a
   * protocol whose clients have not heard any of its own, or have not been heard by any.
   */
  async #speak(player: Player, protocol: string): Promise<void> {
    const { hearing, account, stop } = this.#options;
    const isHeard = (): boolean => hearing.isHeardByOthers(account.character) && hearing.isComplete(protocol);
    for (let speech = 0; speech < speechesMax && player.isIn && !stop.isAsked; speech += 1) {
      await player.say(hearing.nextLine(account.character, protocol));
      for (let waitedMs = 0; waitedMs < hearMs && !isHeard(); waitedMs += lookMs) await stop.wait(lookMs);
      if (isHeard()) return;
    }
  }

  /** Null if it failed as often as it may. Each refusal is in the history. */
  async #patiently<T>(attempt: () => Promise<T | null>): Promise<T | null> {
    const { stop, random } = this.#options;
    for (let nth = 0; nth < attemptsMax && !stop.isAsked; nth += 1) {
      const done = await attempt();
      if (done !== null) return done;
      await stop.wait(random.whole(300, 1_000));
    }
    return null;
  }

  #entrance(protocol: PlayerProtocol): Entrance {
    const { entrances, random } = this.#options;
    const own = entrances.filter((entrance) => entrance.protocol === protocol);
    return random.pick(own);
  }

  #visitorAt(entrance: Entrance) {
    const { hearing } = this.#options;
    const heard = (line: string): void => hearing.heard(line, entrance.protocol.name);
    return recordedVisitor({ ...this.#options, entrance, heard });
  }
}
