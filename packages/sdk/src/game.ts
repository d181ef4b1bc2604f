import {
  accepted,
  type CharDoor,
  type CharId,
  type DialogueAnswer,
  type MapDoor,
  type MapEntered,
  type Outcome,
  type Position,
  type Purchase,
  refused,
} from "@sallyport/domain";
import type { CommandInput, CommandName, Event, EventName } from "@sallyport/game-core/messages";
import type { ConnectionEnd, DoorAddress } from "./connection.ts";
import type { CharConnection } from "./doors.ts";
import { EventReader, type ReaderOptions } from "./event-reader.ts";
import { EventStream } from "./event-stream.ts";
import { type CommandAnswer, commandAnswer, packedInput } from "./game-commands.ts";
import type { GameTypes, ShownOf, UnknownGame } from "./game-shape.ts";
import { HoppingConnection } from "./hopping-connection.ts";
import { MessageStreams } from "./message-streams.ts";
import type {
  ChooseRefusal,
  EnteredMap,
  EnterMap,
  EnterMapRefusal,
  EnterWorldRefusal,
  HandedOver,
  LeaveAnswer,
  LeaveRefusal,
} from "./next-door.ts";
import { type GamemasterOrder, packedOrder } from "./orders.ts";
import type { AnswerAt, RefusalFor } from "./refusals.ts";
import { SeenMap } from "./seen-map.ts";
import type { Actor, CharacterSummary, GameEvent, MapDoorEvent, MapHop } from "./told.ts";

/** The methods of `Client` that lead to the next server. */
interface NextDoors<T extends GameTypes> {
  enterWorld(world: DoorAddress): Promise<Outcome<CharacterSelect<T>, EnterWorldRefusal>>;
  enterMap(handedOver: HandedOver): Promise<Outcome<Game<T>, EnterMapRefusal>>;
  wallMs(): number;
}

/**
 * An open connection to a char-server, where the player chooses a character. `choose`, `handOver` and `leave`
 * end the connection.
 */
export class CharacterSelect<T extends GameTypes = UnknownGame> {
  readonly closed: Promise<ConnectionEnd>;
  readonly slotCount: number;
  readonly #next: NextDoors<T>;
  readonly #connection: CharConnection;
  readonly #world: DoorAddress;
  #characters: readonly CharacterSummary[];

  constructor(
    next: NextDoors<T>,
    connection: CharConnection,
    world: DoorAddress,
    entered: Pick<CharacterSelect, "characters" | "slotCount">,
  ) {
    this.#next = next;
    this.#connection = connection;
    this.#world = world;
    this.#characters = entered.characters;
    this.slotCount = entered.slotCount;
    this.closed = connection.closed;
  }

  /** The characters of the account, sorted by slot. `create` and `delete` update the list. */
  get characters(): readonly CharacterSummary[] {
    return [...this.#characters].sort((a, b) => a.slot - b.slot);
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Creates a character. `slot` counts from 0, up to `slotCount` - 1. */
  async create(wish: {
    readonly slot: number;
    readonly name: string;
  }): Promise<Outcome<CharacterSummary, RefusalFor<CharDoor, "char.create">>> {
    const { slot, name } = wish;
    const created = await this.#connection.ask({ type: "char.create", slot, name });
    if (created.ok) this.#characters = [...this.#characters, created.value];
    return created;
  }

  /** Deletes the character for good. */
  async delete(charId: CharId): Promise<AnswerAt<CharDoor, "char.delete">> {
    const deleted = await this.#connection.ask({ type: "char.delete", charId });
    if (deleted.ok) this.#characters = this.#characters.filter((each) => each.charId !== charId);
    return deleted;
  }

  /**
   * Chooses a character and enters its map. If the char-server refuses the choice, this connection stays open
   * and the client may choose again.
   */
  async choose(charId: CharId): Promise<Outcome<Game<T>, ChooseRefusal>> {
    const handedOver = await this.handOver(charId);
    return handedOver.ok ? this.#next.enterMap(handedOver.value) : handedOver;
  }

  /** Only chooses the character. Pass the value to `Client.enterMap` next. */
  async handOver(charId: CharId): Promise<Outcome<HandedOver, RefusalFor<CharDoor, "char.choose">>> {
    const chosen = await this.#connection.ask({ type: "char.choose", charId });
    if (!chosen.ok) return chosen;
    this.#connection.close();
    return accepted({ ...chosen.value, world: this.#world });
  }

  /** Closes the connection and logs out: the login ids are no longer valid. */
  leave(): void {
    this.#connection.close();
  }

  /** Drops the connection at once, like a network failure. */
  destroy(): void {
    this.#connection.destroy();
  }
}

interface GameOptions<T extends GameTypes> extends ReaderOptions {
  readonly next: NextDoors<T>;
  readonly world: DoorAddress;
  readonly enter: EnterMap;
}

/**
 * A character on a map, with an open connection to the map-server. If the character walks to a map of another
 * map-server, the game connects to that server by itself. Listeners then get `map.changed`.
 */
export class Game<T extends GameTypes = UnknownGame> {
  /**
   * Resolves when the game has ended. The reason is `left` only if the server has saved the character. After
   * a kick it is the reason of the kick.
   */
  readonly closed: Promise<ConnectionEnd>;
  readonly charId: CharId;
  readonly name: string;
  readonly #next: NextDoors<T>;
  readonly #world: DoorAddress;
  readonly #events = new EventStream<GameEvent<T>>();
  readonly #messages: MessageStreams;
  readonly #reader: EventReader<T>;
  readonly #seen: SeenMap<T>;
  readonly #connection: HoppingConnection;
  #leaving: Promise<LeaveAnswer> | null = null;

  constructor({ next, world, enter, ...reading }: GameOptions<T>, entered: EnteredMap) {
    const { place } = entered;
    this.#reader = new EventReader(reading);
    this.#messages = new MessageStreams(reading.messages);
    this.#next = next;
    this.#world = world;
    this.#seen = new SeenMap(place);
    this.charId = place.charId;
    this.name = place.name;
    const { charId } = place;
    const hear = (event: Exclude<MapDoorEvent, MapHop>): void => this.#hear(event);
    this.#connection = new HoppingConnection(entered, { charId, enter, hear, wallMs: () => next.wallMs() });
    this.closed = this.#untilClosed();
  }

  /**
   * The map, with the position at which the character entered it. For the current position see `position`.
   */
  get place(): MapEntered {
    return this.#seen.place;
  }

  get position(): Position {
    return this.#seen.position;
  }

  /** The other actors in view. The keys are character ids, and ids of actors that are no players. */
  get actors(): ReadonlyMap<CharId, Actor<T>> {
    return this.#seen.actors;
  }

  /** What the game shows the client of its own character. */
  get character(): ShownOf<T> {
    return this.#reader.character;
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Number of changes to another map-server. */
  get hops(): number {
    return this.#connection.hops;
  }

  /**
   * Calls the listener for each event. The first listener also gets the events that arrived before it was
   * added. Returns a function that removes the listener.
   */
  on(listener: (event: GameEvent<T>) => void): () => void {
    return this.#events.on(listener);
  }

  /**
   * Calls the listener for each event of the game with this name. If the client has the messages of the game,
   * the first listener also gets the events that arrived before.
   */
  onEvent<N extends EventName<T["messages"]>>(
    name: N,
    listener: (body: Event<T["messages"], N>) => void,
  ): () => void {
    return this.#messages.on(name, listener as (body: unknown) => void);
  }

  /** Sends a command of the game. */
  async send<N extends CommandName<T["messages"]>>(
    name: N,
    input: CommandInput<T["messages"], N>,
  ): Promise<CommandAnswer> {
    const body = packedInput(input);
    if (body === null) return refused("not-sendable");
    return commandAnswer(
      await this.#connection.wherever((connection) => connection.ask({ type: "game.command", name, body })),
    );
  }

  /** Starts a walk to a cell. The server finds the path. The position changes with each `actor.moved`. */
  walk(x: number, y: number): Promise<AnswerAt<MapDoor, "map.walk">> {
    return this.#connection.here((connection) => connection.ask({ type: "map.walk", x, y }));
  }

  /**
   * Reports where the character is, on a map whose `place.movement` is not null. `x` and `y` are in units.
   * After a refusal, the character is where `position` says.
   */
  async report(x: number, y: number): Promise<AnswerAt<MapDoor, "map.report">> {
    const { map } = this.position;
    const reported = await this.#connection.here((connection) =>
      connection.ask({ type: "map.report", x, y }),
    );
    if (reported.ok && this.position.map === map) this.#seen.position = { map, x, y };
    return reported;
  }

  /**
   * Goes to an open room, also of another map-server. When it answers, `actors` has all players in the room. A
   * character that is there already stays where it is. `at` is where it comes in, in units, if clients of this
   * room report their positions.
   */
  enterRoom(
    map: string,
    at: { readonly x: number; readonly y: number } | null = null,
  ): Promise<AnswerAt<MapDoor, "room.enter">> {
    return this.#connection.wherever((connection) => connection.ask({ type: "room.enter", map, at }));
  }

  /** Speaks to all players who see the character. */
  say(text: string): Promise<AnswerAt<MapDoor, "map.say">> {
    return this.#connection.wherever((connection) => connection.ask({ type: "map.say", text }));
  }

  /**
   * Turns to an actor that is no player. The events `dialogue.*` and `shop.offered` tell what it does. `actor`
   * is its key in `actors`, here and below.
   */
  click(actor: number): Promise<AnswerAt<MapDoor, "map.click">> {
    return this.#connection.wherever((connection) => connection.ask({ type: "map.click", actor }));
  }

  /** Picks up an item from the floor. */
  take(actor: number): Promise<AnswerAt<MapDoor, "map.take">> {
    return this.#connection.wherever((connection) => connection.ask({ type: "map.take", actor }));
  }

  /** Continues or closes a dialogue. */
  answer(actor: number, answer: DialogueAnswer): Promise<AnswerAt<MapDoor, "dialogue.answer">> {
    const given = { index: 0, ...answer };
    return this.#connection.wherever((connection) =>
      connection.ask({ type: "dialogue.answer", actor, answer: given }),
    );
  }

  /** Buys all of these goods or none, from an actor that has offered them. */
  buy(actor: number, goods: readonly Purchase[]): Promise<AnswerAt<MapDoor, "shop.buy">> {
    return this.#connection.wherever((connection) => connection.ask({ type: "shop.buy", actor, goods }));
  }

  /** Orders something as a gamemaster. Without the right to, it is refused as `not-allowed`. */
  order(order: GamemasterOrder): Promise<AnswerAt<MapDoor, "map.order">> {
    return this.#connection.wherever((connection) =>
      connection.ask({ type: "map.order", ...packedOrder(order) }),
    );
  }

  /**
   * Saves the character now. Without this call, the server saves it from time to time, and when it leaves. When
   * the call is accepted, the state that the character had at the call, or a newer one, is stored. The server
   * handles later commands of this client after it. `too-many`: more than one call a second, for a state that is
   * not stored yet. After `unavailable`, it is unknown whether the state is stored, and the server goes on trying.
   */
  save(): Promise<AnswerAt<MapDoor, "map.save">> {
    return this.#connection.wherever((connection) => connection.ask({ type: "map.save" }));
  }

  /**
   * Leaves the world. The server saves the character before it answers. After a refusal the character is
   * still in the world.
   */
  async leave(to: "offline" | "char-select" = "offline"): Promise<LeaveAnswer> {
    const leaving =
      this.#leaving ?? this.#connection.wherever((connection) => connection.ask({ type: "map.leave", to }));
    this.#leaving = leaving;
    const left = await leaving;
    if (left.ok) this.#connection.close();
    else this.#leaving = null;
    return left;
  }

  /**
   * Leaves the map, and connects to the char-server with the same login ids. If only the char-server refuses,
   * call `Client.enterWorld` to try again.
   */
  async backToCharSelect(): Promise<Outcome<CharacterSelect<T>, LeaveRefusal | EnterWorldRefusal>> {
    const left = await this.leave("char-select");
    return left.ok ? this.#next.enterWorld(this.#world) : left;
  }

  /**
   * Drops the connection at once, like a network failure. The server saves the character when it notices the
   * failure.
   */
  destroy(): void {
    this.#connection.destroy();
  }

  #hear(event: Exclude<MapDoorEvent, MapHop>): void {
    const told = this.#reader.read(event);
    if (told === null) return;
    this.#seen.apply(told);
    if (told.type === "game.event") this.#messages.emit(told.name, told.body);
    this.#events.emit(told);
  }

  /**
   * Waits for the answer to `map.leave`, because the server may close the connection right after that answer.
   */
  async #untilClosed(): Promise<ConnectionEnd> {
    const end = await this.#connection.closed;
    const left = await this.#leaving;
    return left?.ok === true ? { ...end, reason: "left" } : end;
  }
}
