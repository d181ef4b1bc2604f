import { enterMap, enterWorld, GameWatch, register } from "@sallyport/bots";
import { accepted, type Outcome, type Position, refused } from "@sallyport/domain";
import { type CharacterSelect, type Client, createClient, type Game, systemClock } from "@sallyport/sdk";
import { connectBy } from "../ways.ts";
import type { Answer, Player, PlayerProtocol, Target, Visitor } from "./player.ts";

const connectMs = 5_000;
const lateMs = 1_000;

export function sdkClient({ entrance, credentials, from, answerMs }: Visitor): Client {
  return createClient({
    connect: connectBy(entrance, () => ({ localAddress: from })),
    login: entrance.login,
    credentials,
    bounds: { connectMs, answerMs },
  });
}

/** Of all clients that go to a char- and a map-server by the SDK. */
export const sdkBusyWords = ["busy", "unavailable"];

const nameOf = ({ account: { login: name, password } }: Visitor) => ({ name, password });

/** From character select into the world. */
export async function chooseBySdk(
  visitor: Visitor,
  client: Client,
  select: CharacterSelect,
): Promise<Outcome<Game, string>> {
  return enterMap(client, select, visitor.account.character, {
    ask: (step, request) => visitor.ask(step, request()),
    listed: ({ charId, position, name }) => visitor.listed(charId, position, name),
  });
}

/** A character in the world, by the SDK. */
export class SdkPlayer implements Player {
  readonly complaints: readonly string[] = [];
  readonly #visitor: Visitor;
  readonly #client: Client;
  #game: Game;
  #watch: GameWatch;
  #isStanding = true;

  constructor(visitor: Visitor, client: Client, game: Game) {
    this.#visitor = visitor;
    this.#client = client;
    this.#game = game;
    this.#watch = this.#watching(game);
  }

  get isIn(): boolean {
    return this.#game.isOpen;
  }

  get stands(): Position | null {
    return this.#isStanding ? this.#game.position : null;
  }

  get map(): string {
    return this.#game.position.map;
  }

  async walk(to: Target): Promise<Answer> {
    const { ask, stop, stepMs } = this.#visitor;
    const game = this.#game;
    const { map } = game.position;
    this.#isStanding = false;
    const { movement } = game.place;
    if (movement !== null) return this.#report(to, movement.unitsPerCell);
    this.#watch.aim(to);
    const walked = await ask("walk", game.walk(to.x, to.y), { detail: `to ${map} ${to.x},${to.y}` });
    if (!walked.ok) return walked;
    const withinMs = walked.value.steps * stepMs * 3 + lateMs;
    const waited = await this.#watch.until(() => this.#watch.hasArrived, { withinMs, stop });
    const { position } = game;
    const isThere = position.map === map && position.x === to.x && position.y === to.y;
    this.#isStanding = isThere && !to.isWarp && (waited === "held" || waited === "timed-out");
    return walked;
  }

  /** On a map whose clients say where they are, the player is there at once. */
  async #report({ x, y, isWarp }: Target, unitsPerCell: number): Promise<Answer> {
    const { ask, stop } = this.#visitor;
    const game = this.#game;
    const { map } = game.position;
    const middle = (cell: number): number => cell * unitsPerCell + Math.floor(unitsPerCell / 2);
    const detail = `to ${map} ${x},${y}`;
    const reported = await ask("report", game.report(middle(x), middle(y)), { detail });
    const isAway = (): boolean => game.position.map !== map;
    if (reported.ok && isWarp) await this.#watch.until(isAway, { withinMs: lateMs, stop });
    return reported;
  }

  say(text: string): Promise<Answer> {
    return this.#visitor.ask("say", this.#game.say(text));
  }

  enterRoom(map: string): Promise<Answer> {
    this.#isStanding = false;
    return this.#visitor.ask("enter room", this.#game.enterRoom(map));
  }

  async goBack(): Promise<Answer> {
    const back = await this.#visitor.ask("back to character select", this.#game.backToCharSelect());
    if (!back.ok) return back;
    const entered = await chooseBySdk(this.#visitor, this.#client, back.value);
    if (!entered.ok) return entered;
    this.#game = entered.value;
    this.#watch = this.#watching(entered.value);
    this.#isStanding = true;
    return accepted({});
  }

  leave(): Promise<Answer> {
    return this.#visitor.ask("leave", this.#game.leave("offline"));
  }

  destroy(): void {
    this.#game.destroy();
  }

  #watching(game: Game): GameWatch {
    // Events that came before now go to the first listener.
    const watch = new GameWatch(game, systemClock);
    const { ended } = this.#visitor;
    void game.closed.then(({ reason }) => {
      if (reason !== "left" && reason !== "disconnected") ended?.(reason);
    });
    game.on((event) => {
      if (event.type === "actor.said" && event.charId !== game.charId) this.#visitor.heard(event.text);
    });
    return watch;
  }
}

/** Clients of the native dialect. */
export const nativePlayers: PlayerProtocol = {
  busyWords: sdkBusyWords,
  ...{ name: "native", door: "native", registersEmail: false, listsPlaces: true },
  async register(visitor) {
    const { ask } = visitor;
    const client = sdkClient(visitor);
    const refusal = await register(client, nameOf(visitor), (step, request) => ask(step, request()));
    return refusal === null ? accepted({}) : refused(refusal);
  },
  async enter(visitor) {
    const client = sdkClient(visitor);
    const select = await enterWorld(client, nameOf(visitor), (step, request) => visitor.ask(step, request()));
    if (!select.ok) return select;
    const game = await chooseBySdk(visitor, client, select.value);
    return game.ok ? accepted(new SdkPlayer(visitor, client, game.value)) : game;
  },
};
