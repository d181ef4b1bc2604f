import { type Clock, retry } from "@sallyport/clock";
import { kickReasons } from "@sallyport/domain";
import {
  type CharacterSelect,
  type Client,
  type ConnectionEnd,
  describeExplained,
  type EndReason,
  explainedBy,
  type Game,
  type GameEvent,
  type Outcome,
  type Refusal,
  type World,
} from "@sallyport/sdk";
import type { Asked, Characters, Done, NotDone } from "./asked.ts";
import type { Scene } from "./protocol.ts";

export interface JourneyEvents {
  heard(event: GameEvent): void;
  /** The servers ended the connection, or it was lost. Not called after `leave` and `end`. */
  ended(reason: EndReason, sentence: string): void;
}

type Answer = Outcome<unknown, Refusal>;

/**
 * Refusals that pass by themselves. The journey asks again, so that protocols without such words need not. A
 * second login that is refused is none of them: only a new login may try again.
 */
const passing: ReadonlySet<Refusal> = new Set(["unavailable", "busy", "map-unavailable"] satisfies Refusal[]);
/** A server that was killed: its successor, or another one, answers soon. To ask twice for these does no harm. */
const lost: ReadonlySet<Refusal> = new Set(["unreachable", "disconnected"] satisfies Refusal[]);
const passingOnTheWay: { readonly [T in Asked["type"]]?: ReadonlySet<Refusal> } = {
  // A login-server that was started again lists no world until the char-servers are linked to it.
  "log-in": new Set<Refusal>(["no-world", ...lost]),
  // Behind the login door the older login is on its way out already.
  "enter-world": new Set<Refusal>(["already-online", ...lost]),
};

/**
 * A save is not asked for again: all other requests of the player would wait for it, and the map-server tries to save
 * by itself.
 */
const isPassing = ({ type }: Asked, refusal: Refusal): boolean =>
  (type !== "save" && passing.has(refusal)) || passingOnTheWay[type]?.has(refusal) === true;

/** These requests name a place on the present map. They are refused when the character is on another one by then. */
const aboutPlaces: ReadonlySet<Asked["type"]> = new Set(["walk", "report"]);

/** These requests bring a character to a map, or save it. */
const moving: ReadonlySet<Asked["type"]> = new Set(["choose", "select", "leave"]);

/**
 * The journey asks again for this long. After the death of a login-server, a char-server is linked to another one
 * when its lease is over, 6 s by default. On a map the player would meanwhile stand still.
 */
const patience = { onTheWayMs: 10_000, onMapMs: 3_000 } as const;
/** The pause after the loss of a server, which names none. */
const lostPauseMs = 1_000;

/** Goes for one client of a foreign protocol to the login-server, a char-server and a map-server, by the SDK. */
export class Journey {
  readonly #clientFor: (device: string | null) => Client;
  readonly #clock: Clock;
  readonly #events: JourneyEvents;
  #client: Client;
  #device: string | null = null;
  #worlds: readonly World[] = [];
  #world: World | null = null;
  #select: CharacterSelect | null = null;
  #game: Game | null = null;
  /** The connection that this end is about to close itself. */
  #leaving: CharacterSelect | Game | null = null;
  /** Requests of `moving` that are under way. */
  readonly #moves = new Set<Promise<unknown>>();
  /** Each ends one pause. A clock of the protocol may ask for something while a message of the client waits. */
  readonly #pauses = new Set<() => void>();
  #isOver = false;

  /** `clientFor` makes a client of ours for this client. It names the device in its first message. */
  constructor(clientFor: (device: string | null) => Client, events: JourneyEvents) {
    this.#clientFor = clientFor;
    this.#client = clientFor(null);
    this.#clock = this.#client.clock;
    this.#events = events;
  }

  get scene(): Scene | null {
    const game = this.#game;
    if (game === null) return null;
    const { charId, name, actors, position, place, character } = game;
    const { width, height, cells, isRoom, movement } = place;
    const unitsPerCell = movement?.unitsPerCell ?? null;
    return { charId, name, ...position, width, height, cells, isRoom, unitsPerCell, actors, character };
  }

  carryOut(asked: Asked): Promise<Done | NotDone> {
    const carried = this.#carryOut(asked);
    if (moving.has(asked.type)) {
      this.#moves.add(carried);
      void carried.finally(() => this.#moves.delete(carried));
    }
    return carried;
  }

  async #carryOut(asked: Asked): Promise<Done | NotDone> {
    const map = this.#game?.position.map;
    const isStale = (): boolean => aboutPlaces.has(asked.type) && this.#game?.position.map !== map;
    const untilMs = this.#clock.nowMs() + (map === undefined ? patience.onTheWayMs : patience.onMapMs);
    const outcome = await retry<Answer>(
      (ms) => this.#pause(ms),
      async () => (this.#isOver ? hasGone : isStale() ? elsewhere : this.#ask(asked)),
      (answer) => {
        const pauseMs = this.#isOver ? null : pauseBefore(asked, answer);
        return pauseMs !== null && this.#clock.nowMs() + pauseMs <= untilMs ? pauseMs : null;
      },
    );
    if (this.#isOver) await this.#leave();
    if (outcome.ok) return { type: "done", of: asked.type, ...(outcome.value as object) } as Done;
    const { refusal, retryAfterMs, detail } = outcome;
    const about = asked.type === "create" ? "character" : "account";
    const sentence = describeExplained(refusal, explainedBy(outcome, this.#client.wallMs()), about);
    return {
      ...{ type: "refused", of: asked.type, refusal, sentence },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(detail === undefined ? {} : { detail }),
    };
  }

  /**
   * Leaves wherever the client is. The value of a request under way is left too, when it comes. Resolves when the
   * character is saved, also if it was leaving already or was still on its way to a map.
   */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const endPause of [...this.#pauses]) endPause();
    await this.#leave();
    await Promise.all([...this.#moves]);
  }

  /** Ends at once when the client has gone. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        stop();
        this.#pauses.delete(end);
        resolve();
      };
      const stop = this.#clock.after(ms, end);
      this.#pauses.add(end);
    });
  }

  #ask(asked: Asked): Promise<Outcome<unknown, Refusal>> {
    switch (asked.type) {
      case "register":
        return this.#register(asked);
      case "confirm-email":
        return this.#client.confirmEmail(asked.code);
      case "log-in":
        return this.#logIn(asked);
      case "enter-world":
        return this.#enterWorld(asked.world);
      case "create":
        return this.#create(asked.name);
      case "choose":
        return this.#choose(asked);
      case "select":
        return this.#backToSelect();
      case "leave":
        return this.#leave();
      case "enter-room":
        return this.#onMap((game) => game.enterRoom(asked.map, asked.at));
      case "command":
        return this.#onMap((game) => game.send(asked.name, asked.input));
      case "walk":
        return this.#onMap((game) => game.walk(asked.x, asked.y));
      case "report":
        return this.#onMap((game) => game.report(asked.x, asked.y));
      case "say":
        return this.#onMap((game) => game.say(asked.text));
      case "click":
        return this.#onMap((game) => game.click(asked.actor));
      case "take":
        return this.#onMap((game) => game.take(asked.actor));
      case "answer":
        return this.#onMap((game) => game.answer(asked.actor, asked.answer));
      case "save":
        return this.#onMap((game) => game.save());
      case "buy":
        return this.#onMap((game) => game.buy(asked.actor, [{ item: asked.item, amount: asked.amount }]));
    }
  }

  #register({ name, password, invitation, device }: Extract<Asked, { type: "register" }>): Promise<Answer> {
    this.#from(device);
    const named = name.includes("@") ? { email: name } : { name };
    const invited = invitation === undefined ? {} : { invitation };
    return this.#client.register({ ...named, ...invited, password, sex: "male" });
  }

  /** A client of ours says once which device it is on. */
  #from(device: string | null = null): void {
    if (device === this.#device) return;
    this.#device = device;
    this.#client = this.#clientFor(device);
  }

  async #logIn({
    name,
    password,
    device,
    saysUnknown = false,
  }: Extract<Asked, { type: "log-in" }>): Promise<Answer> {
    this.#from(device);
    const loggedIn = await this.#client.logIn({ name, password, way: "raw", saysUnknown });
    if (!loggedIn.ok) return loggedIn;
    this.#worlds = loggedIn.value.worlds;
    return ok({ worlds: this.#worlds });
  }

  async #enterWorld(name: string): Promise<Answer> {
    const world = this.#worlds.find((each) => each.name === name);
    if (world === undefined) return { ok: false, refusal: "no-world" };
    this.#world = world;
    return this.#selecting(await this.#client.enterWorld(world));
  }

  async #backToSelect(): Promise<Answer> {
    const game = this.#game;
    if (game === null) return outOfOrder;
    this.#leaving = game;
    const select = await game.backToCharSelect();
    if (select.ok || !game.isOpen) this.#game = null;
    else this.#leaving = null;
    return this.#selecting(select);
  }

  #selecting(select: Outcome<CharacterSelect, Refusal>): Answer {
    if (!select.ok) return select;
    this.#select = select.value;
    this.#watch(select.value);
    const { characters, slotCount } = select.value;
    return ok<Characters>({ characters, slotCount });
  }

  async #create(name: string): Promise<Answer> {
    const select = this.#select;
    if (select === null) return outOfOrder;
    const taken = new Set(select.characters.map(({ slot }) => slot));
    const slot = Array.from({ length: select.slotCount }, (_, nth) => nth).find((nth) => !taken.has(nth));
    if (slot === undefined) return { ok: false, refusal: "slot-taken" };
    const created = await select.create({ slot, name });
    return created.ok ? ok({ created: created.value }) : created;
  }

  async #choose({ charId }: Extract<Asked, { type: "choose" }>): Promise<Answer> {
    const select = this.#select;
    if (select === null) return outOfOrder;
    this.#leaving = select;
    const entered = await select.choose(charId);
    if (!entered.ok) {
      if (select.isOpen) this.#leaving = null;
      else await this.#selectAgain(await select.closed);
      return entered;
    }
    const game = entered.value;
    this.#select = null;
    this.#game = game;
    this.#watch(game);
    game.on((event) => {
      if (!this.#isOver) this.#events.heard(event);
    });
    return ok({});
  }

  /**
   * The login ids still open the char door if the char-server let the client go and the map-server refused it.
   * They do not after a kick: a newer login has the account, or an operator put the client out.
   */
  async #selectAgain(end: ConnectionEnd): Promise<void> {
    this.#select = null;
    const isKicked = kicks.has(end.reason);
    const again = isKicked || !this.#world ? null : await this.#client.enterWorld(this.#world);
    if (again?.ok) this.#selecting(again);
    else if (!this.#isOver) {
      const reason = isKicked ? end.reason : "disconnected";
      this.#events.ended(reason, describeExplained(reason, end));
    }
  }

  async #onMap(act: (game: Game) => Promise<Outcome<unknown, Refusal>>): Promise<Answer> {
    if (this.#game === null) return outOfOrder;
    const done = await act(this.#game);
    return done.ok ? ok({}) : done;
  }

  async #leave(): Promise<Answer> {
    const [select, game] = [this.#select, this.#game];
    this.#leaving = select ?? game;
    this.#select = null;
    this.#game = null;
    select?.leave();
    // A refusal needs no handling: the map-server saves the character when the connection ends.
    const left = (await game?.leave()) ?? ok({});
    if (!left.ok) game?.destroy();
    return ok({});
  }

  #watch(connection: { readonly closed: Promise<ConnectionEnd> } & (CharacterSelect | Game)): void {
    void connection.closed.then((end) => {
      if (this.#isOver || this.#leaving === connection) return;
      if (this.#select === connection) this.#select = null;
      if (this.#game === connection) this.#game = null;
      this.#events.ended(end.reason, describeExplained(end.reason, end));
    });
  }
}

/** The ends of a connection for which a server gave a reason. */
const kicks: ReadonlySet<EndReason> = new Set(kickReasons);

const ok = <Value>(value: Value) => ({ ok: true, value }) as const;

/** Returns the pause after which the same may be asked again, in milliseconds. Null: the answer is final. */
function pauseBefore(asked: Asked, answer: Answer): number | null {
  if (answer.ok || !isPassing(asked, answer.refusal)) return null;
  return answer.retryAfterMs ?? (lost.has(answer.refusal) ? lostPauseMs : null);
}

/** The client has gone while the request waited. */
const hasGone = { ok: false, refusal: "disconnected" } as const;
/** The character went to another map while the request waited. */
const elsewhere = { ok: false, refusal: "unavailable" } as const;
const outOfOrder = { ok: false, refusal: "out-of-order" } as const;
