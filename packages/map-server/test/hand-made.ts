import type { Dialect } from "@sallyport/dialects";
import { nativeMapDoor, plainIntroduction } from "@sallyport/dialects/native";
import {
  AccountId,
  accepted,
  type CharacterState,
  CharId,
  type CommandOf,
  type DialogueAnswer,
  type EventOf,
  Fence,
  type Json,
  LoginId,
  type MapDoor,
  type Order,
  type Outcome,
  plainStanding,
  type Score,
  type Sex,
  type Spoken,
} from "@sallyport/domain";
import { parseTextMap } from "@sallyport/map-files";
import type { GridMap } from "@sallyport/map-world";
import { type Client, type Host, silentLog, usualRoleOrders, type Visit } from "@sallyport/server-kit";
import { ManualClock, testHost } from "@sallyport/testkit";
import { packValue } from "@sallyport/wire";
import type { CharLink } from "../src/char-link.ts";
import { visitMapServer } from "../src/client-visit.ts";
import { PlayedGame, type PlayedGameOptions } from "../src/game/played-game.ts";
import { Gamemasters } from "../src/gamemaster/gamemaster.ts";
import type { MapRunner } from "../src/map-runner.ts";
import type { Player, Save } from "../src/player.ts";
import { Population, type PopulationDeps } from "../src/population.ts";

type LinkOfPopulation = PopulationDeps["link"];
type Kind = Exclude<keyof LinkOfPopulation, "isUp">;

interface RequestResult {
  readonly kind: Kind;
  readonly charId: CharId;
  readonly charFence: Fence;
  readonly to?: "char-select" | "offline";
  readonly saved?: CharacterState | null;
}
type AnyAnswer = Outcome<unknown, string>;
const yes = accepted({ isReleased: true });

/**
 * A stand-in for the char-server. It accepts every request at once, except the requests that the test holds.
 */
class HandMadeLink implements LinkOfPopulation {
  isUp = true;
  readonly asked: RequestResult[] = [];
  /** The save numbers of all saves and hops. */
  readonly numbers: number[] = [];
  /** Requests of these kinds wait until the test calls `answer`. */
  readonly held = new Set<Kind>();
  readonly #waiting: { readonly kind: Kind; readonly resolve: (answer: never) => void }[] = [];

  enter = (player: Player) => this.#ask("enter", player, {}) as ReturnType<LinkOfPopulation["enter"]>;
  save = (player: Player, save: Save) =>
    this.#ask("save", player, { saved: this.#stateOf(save) }) as ReturnType<LinkOfPopulation["save"]>;
  hop = (player: Player, save: Save) =>
    this.#ask("hop", player, { saved: this.#stateOf(save) }) as ReturnType<LinkOfPopulation["hop"]>;
  leave = (player: Player, to: "char-select" | "offline", save: Save | null) =>
    this.#ask("leave", player, { to, saved: save && this.#stateOf(save) }) as ReturnType<
      LinkOfPopulation["leave"]
    >;

  all(kind: Kind): readonly RequestResult[] {
    return this.asked.filter((each) => each.kind === kind);
  }

  /** Answers the oldest held request of this kind. */
  answer(kind: Kind, answer: AnyAnswer = yes): void {
    const index = this.#waiting.findIndex((each) => each.kind === kind);
    const [waiting] = this.#waiting.splice(index, 1);
    if (index < 0 || waiting === undefined) throw new Error(`nobody asked to ${kind}`);
    waiting.resolve(answer as never);
  }

  #stateOf({ saveNumber, ...state }: Save): CharacterState {
    this.numbers.push(saveNumber);
    return state;
  }

  #ask(kind: Kind, { charId, charFence }: Player, more: Partial<RequestResult>): Promise<unknown> {
    this.asked.push({ kind, charId, charFence, ...more });
    if (!this.held.has(kind)) return Promise.resolve(yes);
    return new Promise((resolve) => this.#waiting.push({ kind, resolve }));
  }
}

export class HandMadeClient implements Client<MapDoor> {
  readonly remote = "client:1";
  readonly address = "client";
  dialect: Dialect<MapDoor> = nativeMapDoor;
  readonly introduction = plainIntroduction;
  readonly log = silentLog();
  readonly visit: Visit<MapDoor>;
  readonly events: EventOf<MapDoor>[] = [];
  isConnected = true;
  flushes = 0;
  unreadBytes = 0;
  heard: (event: EventOf<MapDoor>) => void = () => {};

  constructor(population: Population, gamemasters: Gamemasters) {
    this.visit = visitMapServer(this, population, gamemasters);
  }

  follow(): void {}

  send(event: EventOf<MapDoor>): void {
    if (!this.isConnected) return;
    this.events.push(event);
    this.heard(event);
  }

  show(event: EventOf<MapDoor>): void {
    this.send(event);
  }

  flush(): void {
    this.flushes += 1;
  }

  /** The server calls this method to end the visit. A test calls it when the client goes away. */
  disconnect(): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.visit.gone();
  }

  /** The reason for which the server ended the visit. Null if the server did not end it. */
  get kickedFor(): string | null {
    const last = this.events.at(-1);
    return last?.type === "client.kicked" && !this.isConnected ? last.reason : null;
  }

  /** Returns all events of these types since the last call. Drops the events of other types. */
  take<T extends EventOf<MapDoor>["type"]>(...types: T[]): Extract<EventOf<MapDoor>, { type: T }>[] {
    const taken = this.events.splice(0).filter(({ type }) => (types as string[]).includes(type));
    return taken as Extract<EventOf<MapDoor>, { type: T }>[];
  }

  say = (text: string, original?: Spoken["original"]) =>
    this.visit.handlers["map.say"]({ type: "map.say", text, ...(original && { original }) });
  command = (name: string, body: unknown) =>
    this.visit.handlers["game.command"]({ type: "game.command", name, body: packValue(body) });
  click = (actor: number) => this.visit.handlers["map.click"]({ type: "map.click", actor });
  pickUp = (actor: number) => this.visit.handlers["map.take"]({ type: "map.take", actor });
  buy = (actor: number, item: number, amount = 1) =>
    this.visit.handlers["shop.buy"]({ type: "shop.buy", actor, goods: [{ item, amount }] });
  answer = (actor: number, answer: DialogueAnswer) =>
    this.visit.handlers["dialogue.answer"]({ type: "dialogue.answer", actor, answer });
  walk = (x: number, y: number) => this.visit.handlers["map.walk"]({ type: "map.walk", x, y });
  report = (x: number, y: number) => this.visit.handlers["map.report"]({ type: "map.report", x, y });
  nameOf = (accountId: number) => this.visit.handlers["map.name"]({ type: "map.name", actor: accountId });
  async look() {
    const answer = await this.visit.handlers["map.look"]({ type: "map.look" });
    this.visit.answered?.({ type: "map.look" });
    return answer;
  }
  order = (order: Order) => this.visit.handlers["map.order"]({ type: "map.order", ...order });
  save = () => this.visit.handlers["map.save"]({ type: "map.save" });
  leave = (to: "char-select" | "offline" = "offline") =>
    this.visit.handlers["map.leave"]({ type: "map.leave", to });
  async enter(shown: ShownIds) {
    const answer = await this.showIds(shown);
    this.isTold(shown);
    return answer;
  }

  /** Asks to enter. The client does not know the answer before `isTold`. */
  showIds = (shown: ShownIds) => this.visit.handlers["map.enter"](enterCommand(shown));

  isTold(shown: ShownIds): void {
    if (this.isConnected) this.visit.answered?.(enterCommand(shown));
  }
}

interface ShownIds {
  readonly accountId: number;
  readonly charId: number;
  readonly loginId1: number;
  readonly sex: Sex;
}

const enterCommand = ({ accountId, charId, loginId1, sex }: ShownIds): CommandOf<MapDoor, "map.enter"> => ({
  type: "map.enter",
  accountId: AccountId(accountId),
  charId: CharId(charId),
  loginId1: LoginId(loginId1),
  sex,
});

/** Makes an open map of 40 by 8 cells. The last cell of the fourth row is a warp to the other map. */
function field(name: string, to: string): GridMap {
  const header = [`name: ${name}`, "spawn: 1,1", `warp: 39,3 -> ${to}:2,3`];
  return parseTextMap(
    [...header, "", ...new Array<string>(8).fill(".".repeat(40))].join("\n"),
    `${name}.map`,
  );
}

export const stepMs = 100;
export const viewCells = 5;

interface HandMadeWorldOptions extends Partial<PopulationDeps> {
  readonly host?: Partial<Host>;
  readonly hosted?: readonly string[];
  readonly played?: Pick<PlayedGameOptions, "game"> & Partial<PlayedGameOptions>;
}

/**
 * Runs the population of a map-server with two maps. The server always hosts `meadow`. It hosts `moor` only
 * if the test says so.
 */
export class HandMadeWorld {
  readonly link = new HandMadeLink();
  readonly clock = new ManualClock();
  readonly bugs: unknown[] = [];
  readonly host: Host;
  readonly population: Population;
  readonly gamemasters: Gamemasters;
  /** The orders that the char-server got, and its answer to the next ones. */
  readonly ordered: Parameters<CharLink["order"]>[0][] = [];
  orderAnswer: AnyAnswer = accepted({});
  #accounts = 0;

  /** The states of the world that the game knows, and the changes that it asked for. */
  readonly worldStates = new Map<string, Json>();
  readonly worldChanges: unknown[] = [];
  readonly scores: { readonly charId: CharId; readonly score: Score }[] = [];

  constructor({ hosted, host, played, ...changed }: HandMadeWorldOptions = {}) {
    this.host = testHost({ clock: this.clock, failed: (error) => void this.bugs.push(error), ...host });
    this.population = new Population(this.host, {
      maps: new Map([
        ["meadow", field("meadow", "moor")],
        ["moor", field("moor", "meadow")],
      ]),
      link: this.link,
      playersMax: 100,
      stepMs,
      viewCells,
      autosaveMs: 60_000,
      unsavedMs: 300_000,
      game: played === undefined ? null : this.#playedGame(played),
      ...changed,
    });
    this.population.host(hosted ?? ["meadow", "moor"]);
    this.gamemasters = new Gamemasters(this.host, {
      link: {
        order: async (order) => {
          this.ordered.push(order as never);
          return this.orderAnswer as never;
        },
      },
      population: this.population,
      roleOrders: usualRoleOrders,
    });
  }

  #playedGame(played: NonNullable<HandMadeWorldOptions["played"]>): PlayedGame {
    const world = {
      get: (key: string) => this.worldStates.get(key),
      change: (...change: readonly unknown[]) => void this.worldChanges.push(change),
      submitScore: ({ charId }: Player, score: Score) => void this.scores.push({ charId, score }),
    };
    return new PlayedGame(
      this.host,
      { budgetMs: 50, switchOffAfter: 0, commandsPerSecond: 20, ...played },
      world,
    );
  }

  /**
   * Returns the message by which the char-server hands over a character. If the test gives no `accountId`,
   * the account is new.
   */
  character(of: { accountId?: number; accountFence?: number; charId?: number; charFence?: number } = {}) {
    this.#accounts += 1;
    const accountId = of.accountId ?? this.#accounts;
    return {
      type: "character.expect",
      accountId: AccountId(accountId),
      accountFence: Fence(of.accountFence ?? 1),
      charId: CharId(of.charId ?? 100 + accountId),
      // This fence says that the character was on a map before.
      charFence: Fence(of.charFence ?? 2),
      loginId1: LoginId(1_000 + accountId),
      loginId2: LoginId(2_000 + accountId),
      sex: "female",
      name: `player_${accountId}`,
      slot: 0,
      position: { map: "meadow", x: 10, y: 3 },
      attributes: JSON.stringify({ gold: 7 }),
      waitMs: 30_000,
      trace: "0123456789ab",
      looks: { hairStyle: 4, hairColour: 2 },
      ...plainStanding,
    } as const;
  }

  runnerOf(map: string): MapRunner {
    const runner = this.population.runnerOf(map);
    if (runner === undefined) throw new Error(`${map} does not run here`);
    return runner;
  }

  client(): HandMadeClient {
    return new HandMadeClient(this.population, this.gamemasters);
  }

  /** Hands over a character and enters the map with it. */
  async plays(
    character: ReturnType<HandMadeWorld["character"]> = this.character(),
    position: { map?: string; x?: number; y?: number } = {},
  ): Promise<HandMadeClient> {
    const expected = this.population.expect({
      ...character,
      position: { ...character.position, ...position },
    });
    if (!expected.ok) throw new Error(expected.refusal);
    const client = this.client();
    const entered = await client.enter(character);
    if (!entered.ok) throw new Error(entered.refusal);
    return client;
  }
}
