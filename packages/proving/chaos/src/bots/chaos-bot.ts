import type { Stop } from "@sallyport/bots";
import type { Random } from "@sallyport/random";
import type { Account, Entrance, Player, Visitor } from "@sallyport/rig";
import type { Credentials } from "@sallyport/sdk";
import { room, side, warpCell } from "../cluster/small-maps.ts";
import type { Fact } from "../history/fact.ts";
import type { AccountPasswords } from "./account-passwords.ts";
import { PasswordHabits } from "./password-habits.ts";
import { recordedVisitor, stood } from "./recorded-visitor.ts";

export interface ChaosBotOptions {
  readonly account: Account;
  /** Each visit to the world is by one of these. */
  readonly entrances: readonly [Entrance, ...Entrance[]];
  readonly from: string;
  readonly credentials: Credentials;
  readonly passwords: AccountPasswords;
  readonly saw: (fact: Fact) => void;
  readonly random: Random;
  readonly stop: Stop;
  readonly stepMs: number;
}

type Ending = "leaves" | "goes back" | "vanishes" | "comes again elsewhere";

const refusedWaitMs = 150;

/** A player that walks, speaks, crosses maps, comes and goes by any protocol, and accepts every refusal. */
export class ChaosBot {
  readonly name: string;
  readonly #options: ChaosBotOptions;
  /** Players that were still in the world when the bot started another client for the same account. */
  readonly #leftBehind = new Set<Player>();
  /** Whether the bot has just left from a place that it knows. */
  #isPlaceKnown = false;

  #hasEntered = false;

  readonly #habits: PasswordHabits;

  constructor(options: ChaosBotOptions) {
    this.name = options.account.character;
    this.#options = options;
    this.#habits = new PasswordHabits({
      ...options,
      entrances: options.entrances.filter(({ protocol }) => protocol.door === "native"),
      visitorAt: (entrance, password) => this.#visitorAt(entrance, password),
    });
  }

  get hasEntered(): boolean {
    return this.#hasEntered;
  }

  /** Registers by the first entrance. */
  async register(): Promise<boolean> {
    const [first] = this.#options.entrances;
    return (await first.protocol.register(this.#visitorAt(first))).ok;
  }

  async run(): Promise<void> {
    const { stop, random } = this.#options;
    while (!stop.isAsked) {
      await this.#habits.sometimes();
      const entered = await this.#enter();
      if (entered.ok) await this.#visit(entered.value);
      await stop.wait(random.whole(20, entered.ok ? 400 : 900));
    }
    for (const player of this.#leftBehind) player.destroy();
  }

  /**
   * Tries to enter the world until this succeeds or the run stops. Resolves to the refusals that the bot got.
   * If the bot never entered, the last entry is `never`.
   */
  async comeHome(): Promise<readonly string[]> {
    const { random, stop } = this.#options;
    const refusals: string[] = [];
    while (!stop.isAsked) {
      const entered = await this.#enter();
      if (entered.ok) {
        await this.#move(entered.value, 0);
        await this.#end(entered.value, "leaves");
        return refusals;
      }
      refusals.push(entered.refusal);
      await stop.wait(random.whole(200, 800));
    }
    return [...refusals, "never"];
  }

  /** Enters once more, so that the list shows where the last visit ended. */
  async comeBack(): Promise<void> {
    const entered = await this.#enter();
    if (entered.ok) await this.#end(entered.value, "leaves");
  }

  async #enter() {
    const { random, account, saw } = this.#options;
    const entrance = random.pick(this.#entrances());
    const { protocol } = entrance;
    // Such a client may change the place of its character, and does not learn it.
    if (!protocol.listsPlaces) saw(stood(account, "unknown"));
    const entered = await protocol.enter(this.#visitorAt(entrance));
    if (entered.ok) {
      this.#hasEntered = true;
      saw(stood(account, "unknown"));
    }
    return entered;
  }

  /** A bot whose place is known mostly comes back by a protocol that shows it where it is. */
  #entrances(): readonly Entrance[] {
    const { entrances, random } = this.#options;
    const isKnown = this.#isPlaceKnown && random.chance(0.8);
    this.#isPlaceKnown = false;
    const showing = isKnown ? entrances.filter(({ protocol }) => protocol.listsPlaces) : [];
    return showing.length > 0 ? showing : entrances;
  }

  #visitorAt(entrance: Entrance, password = this.#typed()): Visitor {
    const account = { ...this.#options.account, password };
    return recordedVisitor({ ...this.#options, account, entrance, heard: () => {} });
  }

  #typed(): string {
    const { passwords, random } = this.#options;
    return passwords.typed(random);
  }

  async #visit(player: Player): Promise<void> {
    const { stop } = this.#options;
    for (;;) {
      await this.#play(player);
      const ending = this.#ending();
      if (ending !== "goes back" || !player.isIn || player.goBack === undefined) {
        return this.#end(player, ending);
      }
      const back = await player.goBack();
      if (!back.ok || stop.isAsked) return player.destroy();
    }
  }

  #ending(): Ending {
    const drawn = this.#options.random.next();
    if (drawn < 0.4) return "leaves";
    if (drawn < 0.6) return "goes back";
    return drawn < 0.8 ? "vanishes" : "comes again elsewhere";
  }

  async #end(player: Player, ending: Ending): Promise<void> {
    const { account, saw } = this.#options;
    if (ending === "comes again elsewhere") {
      for (const other of this.#leftBehind) if (!other.isIn) this.#leftBehind.delete(other);
      this.#leftBehind.add(player);
      return;
    }
    if (ending === "leaves") {
      const left = await player.leave();
      const at = player.stands;
      this.#isPlaceKnown = left.ok && at !== null;
      if (left.ok && at !== null) saw(stood(account, "left", at));
    }
    player.destroy();
  }

  async #play(player: Player): Promise<void> {
    const { random, stop } = this.#options;
    // Some bots stay on one map for a long time, so that many saves have the same fence.
    const staysMuch = random.chance(0.25);
    const moves = staysMuch ? 60 : random.whole(1, 8);
    const warpChance = staysMuch ? 0.01 : 0.3;
    for (let move = 0; move < moves && player.isIn && !stop.isAsked; move += 1) {
      if (random.chance(0.15)) await player.say(`move ${move}`);
      if (random.chance(0.03)) await player.enterRoom?.(room);
      await this.#move(player, warpChance);
    }
  }

  /** Walks to a cell. A player that cannot walk speaks. */
  async #move(player: Player, warpChance: number): Promise<void> {
    const { random, stop } = this.#options;
    if (player.walk === undefined) {
      await player.say("I am here");
      return stop.wait(random.whole(100, 900));
    }
    const inner = side - 2;
    const cell = random.chance(warpChance)
      ? warpCell
      : { x: random.whole(1, inner), y: random.whole(1, inner) };
    const isWarp = cell.x === warpCell.x && cell.y === warpCell.y;
    const walked = await player.walk({ ...cell, isWarp });
    if (!walked.ok) await stop.wait(refusedWaitMs);
  }
}
