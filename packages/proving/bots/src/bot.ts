import { versionIn } from "@sallyport/command-line";
import type { Outcome, Position } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import {
  type CharacterSelect,
  type CharacterSummary,
  type Client,
  type Clock,
  type Connect,
  type ConnectionEnd,
  type Credentials,
  createClient,
  type DoorAddress,
  describeRefusal,
  type Game,
  leastCrowded,
  type PasswordWay,
  type Refusal,
  retrying,
  type World,
} from "@sallyport/sdk";
import type { BotTally, Door, Hop } from "./bot-tally.ts";
import { describePosition, isWithin, type LastSeen, play } from "./play.ts";
import type { Stop } from "./stop.ts";
import { Fault } from "./tally.ts";

export interface BotOptions {
  readonly name: string;
  readonly connect: Connect;
  readonly login: DoorAddress;
  readonly credentials: Credentials;
  readonly way: PasswordWay;
  readonly walksMax: number;
  readonly random: Random;
  readonly tally: BotTally;
  readonly stop: Stop;
  readonly clock: Clock;
}

const version = versionIn(new URL("../package.json", import.meta.url));
const attemptsMax = 40;
const returnChance = 0.35;
const spreadCellsMax = 3;

/** Thrown when the run ends while the bot is busy. This is not counted as an error. */
class CalledHome extends Error {
  override readonly name = "CalledHome";
}

/**
 * The server ended this login together with an older client that still used the character. This is not an
 * error, because the next login will work.
 */
class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/** A player that a program controls. Its account and its only character have the same name. */
export class Bot {
  readonly #options: BotOptions;
  readonly #client: Client;
  readonly #account: { readonly name: string; readonly password: string };
  #select: CharacterSelect | null = null;
  #game: Game | null = null;
  /**
   * Null while the bot does not know the saved position of its character: before the end of its first visit,
   * and after a fault.
   */
  #lastSeen: LastSeen | null = null;
  #lastEnd: ConnectionEnd | null = null;
  /** The last refusal after which the current call repeated its request. */
  #lastRefusal: Refusal | null = null;

  constructor(options: BotOptions) {
    this.#options = options;
    this.#account = { name: options.name, password: `${options.name} has no secrets` };
    const { connect, login, credentials, clock } = options;
    const onConnectionEnd = (_: unknown, end: ConnectionEnd): void => {
      this.#lastEnd = end;
    };
    this.#client = createClient({
      ...{ connect, login, credentials, clock, onConnectionEnd },
      program: { name: "sallyport-bots", version },
    });
  }

  get isInMap(): boolean {
    return this.#game !== null;
  }

  /**
   * Registers the account, unless it is registered already. Then computes the password hash, which is the
   * slow part of a hashed login.
   */
  async prepare(): Promise<void> {
    const { random, way } = this.#options;
    const sex = random.chance(0.5) ? "female" : "male";
    const registered = await this.#patiently("register", () =>
      this.#client.register({ ...this.#account, sex }),
    );
    if (!registered.ok && registered.refusal !== "name-taken") {
      throw this.#faultOf("register", registered.refusal);
    }
    if (way === "raw") return;
    const prepared = await this.#patiently("salt", () => this.#client.prepareLogIn(this.#account));
    if (!prepared.ok) throw this.#faultOf("salt", prepared.refusal);
  }

  /** Plays until the run ends, and then leaves the world cleanly. */
  async run(): Promise<void> {
    const { stop, tally, random } = this.#options;
    while (!stop.isAsked) {
      try {
        await this.#round();
      } catch (error) {
        await this.#goHome();
        if (error instanceof CalledHome) return;
        if (error instanceof Overtaken) continue;
        if (!(error instanceof Fault)) throw error;
        tally.fault(error);
        if (error.isFinal) return;
        // Without this pause, all bots would send requests in a tight loop while a server is down.
        await stop.wait(random.whole(500, 1_500));
      }
    }
  }

  /** Drops the connections, as a network failure would. */
  destroy(): void {
    this.#select?.destroy();
    this.#game?.destroy();
  }

  async #round(): Promise<void> {
    const { way, tally, stop, random } = this.#options;
    const { worlds } = await this.#pass("login", () => this.#client.logIn({ ...this.#account, way }));
    const world = leastCrowded(worlds);
    if (world === undefined) throw this.#faultOf("login", "no-world");
    for (let hop: Hop = "login → char"; ; hop = "map → char") {
      await this.#enterWorld(world, hop);
      await this.#enterMap(await this.#character());
      await this.#play();
      const comesBack = !stop.isAsked && random.chance(returnChance);
      await this.#leave(comesBack ? "char-select" : "offline");
      if (!comesBack) break;
    }
    tally.rounds += 1;
  }

  async #enterWorld(world: World, hop: Hop): Promise<void> {
    const entered = await this.#ask("char enter", () => this.#client.enterWorld(world));
    const isOver =
      !entered.ok && entered.refusal === "not-logged-in" && this.#lastRefusal === "already-online";
    if (isOver) throw new Overtaken();
    this.#select = this.#valueOf("char enter", entered);
    this.#options.tally.hops[hop] += 1;
  }

  /**
   * Checks that the list shows only this account's character, as the bot left it. Creates the character if
   * there is none.
   */
  async #character(): Promise<CharacterSummary> {
    const { name, stop } = this.#options;
    const select = this.#select;
    if (select === null || stop.isAsked) throw new CalledHome();
    for (const listed of select.characters) {
      if (listed.name !== name) throw new Fault("foreign character", `${name} is shown ${listed.name}`);
    }
    const [mine] = select.characters;
    if (mine !== undefined) {
      this.#checkPosition(mine.position);
      return mine;
    }
    if (this.#lastSeen !== null) throw new Fault("character lost", `${name} has none any more`);
    const created = await this.#patiently("create", () => select.create({ slot: 0, name }));
    if (!created.ok) throw this.#faultOf("create", created.refusal);
    return created.value;
  }

  #checkPosition(saved: Position): void {
    const seen = this.#lastSeen;
    if (seen === null || isWithin(saved, seen)) return;
    const left = `left at ${describePosition(seen.position)}, ${seen.stepsMax} steps under way`;
    throw new Fault("position lost", `${this.#options.name} ${left}, and is at ${describePosition(saved)}`);
  }

  async #enterMap(character: CharacterSummary): Promise<void> {
    const { tally, name } = this.#options;
    const select = this.#select;
    if (select === null) throw new CalledHome();
    const handedOver = await this.#pass("choose", () => select.handOver(character.charId));
    this.#select = null;
    const game = await this.#pass("map enter", () => this.#client.enterMap(handedOver));
    this.#game = game;
    tally.hops["char → map"] += 1;
    const { position } = character;
    // Servers place a new character on a free cell near the start.
    const stepsMax = this.#lastSeen === null ? spreadCellsMax : 0;
    if (game.name !== name || !isWithin(game.place.position, { position, stepsMax })) {
      const entered = `${game.name} at ${describePosition(game.place.position)}`;
      throw new Fault("entered elsewhere", `${name} at ${describePosition(position)} entered as ${entered}`);
    }
  }

  async #play(): Promise<void> {
    const game = this.#game;
    if (game === null) throw new CalledHome();
    const faultOf = (at: string, refusal: Refusal): Fault => this.#faultOf(at, refusal);
    this.#lastEnd = null;
    this.#lastSeen = await play({ ...this.#options, game, faultOf });
  }

  async #leave(to: "char-select" | "offline"): Promise<void> {
    const game = this.#game;
    if (game === null) throw new CalledHome();
    await this.#pass("leave", () => game.leave(to));
    this.#left(game);
  }

  /** Leaves character select or the map. Afterwards the bot does not know the state of its character. */
  async #goHome(): Promise<void> {
    const game = this.#game;
    this.#lastSeen = null;
    this.#select?.leave();
    this.#select = null;
    if (game?.isOpen) {
      await this.#patiently("leave", () => game.leave());
      game.destroy();
    }
    if (game !== null) this.#left(game);
  }

  #left(game: Game): void {
    this.#options.tally.hops["map → map"] += game.hops;
    this.#game = null;
  }

  /** Makes the request of one door and measures its time, without the waits that the server demanded. */
  async #pass<Value>(door: Door, ask: () => Promise<Outcome<Value, Refusal>>): Promise<Value> {
    return this.#valueOf(door, await this.#ask(door, ask));
  }

  #ask<Value>(door: Door, ask: () => Promise<Outcome<Value, Refusal>>): Promise<Outcome<Value, Refusal>> {
    const { clock, tally } = this.#options;
    return this.#patiently(door, async () => {
      const askedMs = clock.nowMs();
      const answer = await ask();
      if (answer.ok) tally.durations[door].add(clock.nowMs() - askedMs);
      return answer;
    });
  }

  #valueOf<Value>(door: Door, outcome: Outcome<Value, Refusal>): Value {
    const { stop } = this.#options;
    if (outcome.ok) return outcome.value;
    if (stop.isAsked && outcome.retryAfterMs !== undefined) throw new CalledHome();
    throw this.#faultOf(door, outcome.refusal);
  }

  #patiently<Value>(
    at: string,
    ask: () => Promise<Outcome<Value, Refusal>>,
  ): Promise<Outcome<Value, Refusal>> {
    const { stop, tally } = this.#options;
    this.#lastEnd = null;
    this.#lastRefusal = null;
    return retrying(ask, {
      attemptsMax,
      wait: (ms) => stop.wait(ms),
      again: ({ refusal }) => {
        tally.refuse(at, refusal);
        this.#lastRefusal = refusal;
        return !stop.isAsked;
      },
    });
  }

  #faultOf(at: string, refusal: Refusal): Fault {
    const where = `${this.#options.name} at ${at}`;
    if (refusal === "disconnected") return this.#faultOfEnd(where);
    if (refusal === "unanswered" || refusal === "unreachable") {
      return new Fault(refusal, `${where}: ${describeRefusal(refusal)}`);
    }
    return new Fault(
      `refused: ${refusal}`,
      `${where}: ${describeRefusal(refusal)}`,
      finalRefusals.has(refusal),
    );
  }

  #faultOfEnd(where: string): Fault {
    const end = this.#lastEnd;
    const detail = `${where}: ${end?.detail ?? "closed"}`;
    if (end?.cause === "nonsense" || end?.cause === "bug") return new Fault("protocol error", detail);
    const isKick = end !== null && end.reason !== "left" && end.reason !== "disconnected";
    return new Fault(isKick ? `kicked: ${end.reason}` : "disconnected", detail);
  }
}

/** After one of these refusals, the bot does not ask again, because the answer would be the same. */
const finalRefusals: ReadonlySet<Refusal> = new Set<Refusal>([
  "wrong-name-or-password",
  "name-invalid",
  "name-taken",
  "password-invalid",
  "registration-closed",
  "banned",
  "server-not-genuine",
]);
