import { Fault, type Stop } from "@sallyport/bots";
import type { Random } from "@sallyport/random";
import type { Clock } from "@sallyport/sdk";
import { Unreachable } from "../client/door-connection.ts";
import { InVain } from "../client/journal.ts";
import type { RagnarokClient } from "../client/ragnarok-client.ts";
import { walkTo } from "../client/walk-to.ts";
import type { Cell } from "../wire/cells.ts";
import type { PacketOf, ServerPacket } from "../wire/server-packets.ts";
import type { LoadTally, Span, Step } from "./tally.ts";

export const phases = ["login", "char", "hop"] as const;
export type Phase = (typeof phases)[number];

export interface RoundOptions {
  /** A round ends after the login, at character select, or after a stay on the map. */
  readonly phase: Phase;
  /** Whether the first login of each account adds `_M` to its name, which registers the account. */
  readonly register: boolean;
  readonly create: boolean;
  readonly walk: boolean;
  /** On every map, this cell leads to another map. Clients that walk go there. */
  readonly warp?: Cell;
  readonly stayMs: number;
  readonly random: Random;
  readonly tally: LoadTally;
  readonly stop: Stop;
  readonly clock: Clock;
}

/** An account of the load. Only one client at a time uses it. */
export interface LoadAccount {
  readonly name: string;
  isRegistered: boolean;
  rounds: number;
}

/**
 * Codes of packet 0081 after which a client tries again. 4: too many requests at the same time. 8: the server
 * still knows the last connection of the account.
 */
const passing: ReadonlySet<number> = new Set([4, 8]);
const serverClosed = 1;
const patienceMs = 60_000;
const againMs = 500;
const walkAttemptsMax = 8;
const walkCells = 4;
const walkAnswerMs = 3_000;
const wayMsMax = 30_000;

/**
 * Plays one round, from the login door to the end of the phase. Resolves to false if a server told the client
 * to try again later, or if the run ended first. Rejects with a `Fault` if anything else goes wrong.
 */
export function playRound(
  client: RagnarokClient,
  account: LoadAccount,
  options: RoundOptions,
): Promise<boolean> {
  return new Round(client, account, options).play();
}

class Round {
  readonly #client: RagnarokClient;
  readonly #account: LoadAccount;
  readonly #options: RoundOptions;
  readonly #startedMs: number;

  constructor(client: RagnarokClient, account: LoadAccount, options: RoundOptions) {
    this.#client = client;
    this.#account = account;
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
  }

  async play(): Promise<boolean> {
    const { phase } = this.#options;
    if (!(await this.#logIn())) return false;
    this.#reached("to login ids");
    if (phase === "login") return true;
    await this.#enterChar();
    this.#reached("to characters");
    if (phase === "hop") {
      if (!(await this.#enterMap())) return false;
      this.#reached("to the map");
      await this.#stay();
      await this.#goAway();
    } else await this.#close();
    return true;
  }

  /** Resolves to false if the run ended before the client was admitted. */
  async #logIn(): Promise<boolean> {
    if (this.#options.register && !this.#account.isRegistered) {
      const answer = await this.#patiently("register", () => this.#client.login(`${this.#account.name}_M`));
      if (answer === null) return false;
      this.#account.isRegistered = true;
      if (answer.type === "AC_ACCEPT_LOGIN") return true;
      this.#options.tally.refuse("register", answerOf(answer));
    }
    const answer = await this.#patiently("login", () => this.#client.login());
    if (answer === null) return false;
    if (answer.type !== "AC_ACCEPT_LOGIN") throw this.#refused("login", answer);
    return true;
  }

  /**
   * Repeats the request while the server asks the client to try again later. Resolves to null if the run
   * ended first.
   */
  async #patiently<Answer extends ServerPacket>(
    step: Step,
    ask: () => Promise<Answer>,
  ): Promise<Answer | null> {
    const { tally, stop, clock } = this.#options;
    const untilMs = clock.nowMs() + patienceMs;
    for (;;) {
      const answer = await this.#timed(step, ask);
      const mayPass = answer.type === "SC_NOTIFY_BAN" && passing.has(answer.code);
      if (!mayPass || clock.nowMs() >= untilMs) return answer;
      tally.refuse(step, answerOf(answer));
      await stop.wait(againMs);
      if (stop.isAsked) return null;
    }
  }

  async #enterChar(): Promise<void> {
    await this.#step("char enter", "HC_ACCEPT_ENTER", () => this.#client.enterChar());
  }

  /** Resolves to false if no map-server hosts the map at the moment. */
  async #enterMap(): Promise<boolean> {
    const client = this.#client;
    const slot = client.characters[0]?.slot ?? (await this.#create());
    const chosen = await this.#timed("choose", () => client.select(slot));
    if (chosen.type === "SC_NOTIFY_BAN" && chosen.code === serverClosed) {
      this.#options.tally.refuse("choose", answerOf(chosen));
      return false;
    }
    if (chosen.type !== "HC_NOTIFY_ZONESVR") throw this.#refused("choose", chosen);
    await this.#step("map enter", ["ZC_ACCEPT_ENTER2", "ZC_ACCEPT_ENTER"], () => client.enterMap());
    return true;
  }

  async #create(): Promise<number> {
    const { name } = this.#account;
    if (!this.#options.create) throw new Fault("no character", `${name} has none, and --create was not said`);
    const made = await this.#step("create", "HC_ACCEPT_MAKECHAR", () =>
      this.#client.create({ name, slot: 0 }),
    );
    return made.character.slot;
  }

  async #stay(): Promise<void> {
    const { walk, warp, stop, stayMs } = this.#options;
    await this.#onMap("time", "ZC_NOTIFY_TIME", () => this.#client.time());
    if (walk) {
      await (warp === undefined ? this.#walk() : this.#walkTo(warp));
      await this.#onMap("say", "ZC_NOTIFY_PLAYERCHAT", () => this.#client.say("hello"));
    }
    await stop.wait(stayMs);
    await this.#client.hopped();
    if (this.#client.door !== "map" || this.#client.kickCode !== null) throw this.#lost("stay");
  }

  /**
   * Walks until the character should have arrived. The walk also ends if a map-server sends the client on to
   * another map-server.
   */
  async #walkTo(warp: Cell): Promise<void> {
    const { clock } = this.#options;
    await this.#client.hopped();
    const { hops } = this.#client;
    try {
      await this.#timed("walk", () => walkTo(this.#client, warp, { clock, withinMs: wayMsMax }));
    } catch (error) {
      if (this.#client.hops === hops) throw error;
    }
  }

  /**
   * Tries several cells near the character. Servers do not answer a walk to a blocked cell, and the client
   * does not know which cells are blocked.
   */
  async #walk(): Promise<void> {
    const { random, tally } = this.#options;
    for (let attempt = 1; attempt <= walkAttemptsMax; attempt += 1) {
      await this.#client.hopped();
      const from = this.#client.cellByNow;
      if (from === null) throw this.#lost("walk");
      const near = (at: number): number => Math.max(1, at + random.whole(-walkCells, walkCells));
      const to = { x: near(from.x), y: near(from.y) };
      if (to.x === from.x && to.y === from.y) continue;
      try {
        const types = ["ZC_NOTIFY_PLAYERMOVE", "ZC_STOPMOVE"] as const;
        const answer = await this.#onMap("walk", types, () => this.#client.walk(to, walkAnswerMs));
        if (answer.type === "ZC_NOTIFY_PLAYERMOVE") return;
        tally.refuse("walk", "stopped");
      } catch (error) {
        if (!(error instanceof Fault && error.kind === "walk: timed-out")) throw error;
        tally.refuse("walk", "no answer");
      }
    }
    throw new Fault("walk: never", `${this.#account.name} could walk to none of ${walkAttemptsMax} cells`);
  }

  /**
   * Leaves in one of three ways, chosen at random: with a restart, with a quit, or by only closing the
   * connection.
   */
  async #goAway(): Promise<void> {
    const { random, tally } = this.#options;
    const way = random.whole(1, 3);
    if (way === 1) {
      await this.#onMap("restart", "ZC_RESTART_ACK", () => this.#client.restart());
      await this.#enterChar();
    } else if (way === 2) {
      const { code } = await this.#onMap("quit", "ZC_ACK_REQ_DISCONNECT", () => this.#client.quit());
      if (code !== 0) tally.refuse("quit", `018b ${code}`);
    }
    await this.#close();
  }

  /** Closes the connection, and waits until the server has closed it too. */
  async #close(): Promise<void> {
    await this.#timed("close", () => this.#client.leave());
  }

  /**
   * Makes a request on the map. If a map-server sends the client on to another map-server before the answer,
   * the client repeats the request there.
   */
  async #onMap<Type extends ServerPacket["type"]>(
    step: Step,
    wanted: Type | readonly Type[],
    ask: () => Promise<ServerPacket>,
  ): Promise<PacketOf<Type>> {
    for (;;) {
      await this.#client.hopped();
      const { hops } = this.#client;
      try {
        return await this.#step(step, wanted, ask);
      } catch (error) {
        if (this.#client.hops === hops) throw error;
      }
    }
  }

  async #step<Type extends ServerPacket["type"]>(
    step: Step,
    wanted: Type | readonly Type[],
    ask: () => Promise<ServerPacket>,
  ): Promise<PacketOf<Type>> {
    const answer = await this.#timed(step, ask);
    if ([wanted].flat().includes(answer.type as Type)) return answer as PacketOf<Type>;
    throw this.#refused(step, answer);
  }

  /** Measures only requests that get an answer. */
  async #timed<Answer>(step: Step, ask: () => Promise<Answer>): Promise<Answer> {
    const { clock, tally } = this.#options;
    const askedMs = clock.nowMs();
    try {
      const answer = await ask();
      tally.durations[step].add(clock.nowMs() - askedMs);
      return answer;
    } catch (error) {
      if (error instanceof Unreachable) throw new Fault(`${step}: unreachable`, error.message);
      if (!(error instanceof InVain)) throw error;
      if (this.#client.kickCode !== null) throw this.#lost(step);
      throw new Fault(`${step}: ${error.why}`, `${this.#account.name}: ${error.message}`);
    }
  }

  #reached(span: Span): void {
    this.#options.tally.durations[span].add(this.#options.clock.nowMs() - this.#startedMs);
  }

  #refused(step: Step, answer: ServerPacket): Fault {
    return new Fault(`${step}: ${answerOf(answer)}`, `${this.#account.name} at ${step}`);
  }

  #lost(at: string): Fault {
    const { kickCode } = this.#client;
    const how = kickCode === null ? "closed" : `kicked, 0081 ${kickCode}`;
    return new Fault(`${at}: ${how}`, `${this.#account.name} at ${at}`);
  }
}

const answerOf = (answer: ServerPacket): string =>
  "code" in answer ? `${answer.type} ${answer.code}` : answer.type;
