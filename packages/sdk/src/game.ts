import {
  type CharId,
  type MapDoor,
  type MapEntered,
  type Outcome,
  type Position,
  refused,
} from "@sallyport/domain";
import type { CharacterSelect, EnterWorldRefusal } from "./character-select.ts";
import type { Client } from "./client.ts";
import type { ConnectionEnd, DoorAddress } from "./connection.ts";
import type { MapConnection } from "./doors.ts";
import { EventStream } from "./event-stream.ts";
import type { AnswerAt, RefusalFor } from "./refusals.ts";
import type { Actor, GameEvent, MapHop } from "./told.ts";

export type EnterMapRefusal = RefusalFor<MapDoor, "map.enter"> | "unreachable";
export type LeaveRefusal = RefusalFor<MapDoor, "map.leave">;
export type LeaveAnswer = AnswerAt<MapDoor, "map.leave">;

export interface EnteredMap {
  readonly connection: MapConnection;
  readonly place: MapEntered;
}
type Hopped = Outcome<EnteredMap, EnterMapRefusal>;
/** Enters a map through the door of one map-server. */
export type EnterMap = (address: DoorAddress, charId: CharId) => Promise<Hopped>;

/** The time after which a walk that a hop interrupted may be sent again. */
const hopRetryMs = 100;

/**
 * An open connection to the map door: a character in the world. If the character steps onto a map of another
 * map-server, the game connects to that server by itself; listeners only see `map.changed`.
 */
export class Game {
  /** `left` only if the server confirmed that it saved; after a kick, the reason of the kick. */
  readonly closed: Promise<ConnectionEnd>;
  readonly charId: CharId;
  readonly name: string;
  readonly #client: Client;
  readonly #world: DoorAddress;
  readonly #enter: EnterMap;
  readonly #events = new EventStream<GameEvent>();
  readonly #actors = new Map<CharId, Actor>();
  #connection: MapConnection;
  readonly #hopsFrom = new WeakMap<MapConnection, Promise<Hopped>>();
  #isHopping = false;
  #hops = 0;
  #isCut = false;
  #place: MapEntered;
  #position: Position;
  #leaving: Promise<LeaveAnswer> | null = null;

  constructor(client: Client, world: DoorAddress, { connection, place }: EnteredMap, enter: EnterMap) {
    this.#client = client;
    this.#connection = connection;
    this.#world = world;
    this.#enter = enter;
    this.#place = place;
    this.#position = place.position;
    this.charId = place.charId;
    this.name = place.name;
    this.closed = this.#untilClosed(connection);
    this.#listen(connection);
  }

  /** The map as the character entered it; `position` is the character's place now. */
  get place(): MapEntered {
    return this.#place;
  }

  get position(): Position {
    return this.#position;
  }

  /** The other characters in view. */
  get actors(): ReadonlyMap<CharId, Actor> {
    return this.#actors;
  }

  get isOpen(): boolean {
    return this.#connection.isOpen || this.#isHopping;
  }

  /** How many times the character has changed map-servers. */
  get hops(): number {
    return this.#hops;
  }

  /** The first listener also gets the events that came before it. Returns a function that stops listening. */
  on(listener: (event: GameEvent) => void): () => void {
    return this.#events.on(listener);
  }

  async walk(x: number, y: number): Promise<AnswerAt<MapDoor, "map.walk">> {
    const connection = this.#connection;
    const walked = await connection.ask({ type: "map.walk", x, y });
    // The cell belonged to a map that the character has left.
    const isElsewhere = isLost(walked) && this.#hopsFrom.has(connection);
    return isElsewhere ? refused("unavailable", hopRetryMs) : walked;
  }

  say(text: string): Promise<AnswerAt<MapDoor, "map.say">> {
    return this.#wherever((connection) => connection.ask({ type: "map.say", text }));
  }

  /** Saves and leaves. After a refusal the character is still in the world. */
  async leave(to: "offline" | "char-select" = "offline"): Promise<LeaveAnswer> {
    const leaving =
      this.#leaving ?? this.#wherever((connection) => connection.ask({ type: "map.leave", to }));
    this.#leaving = leaving;
    const left = await leaving;
    if (left.ok) this.#connection.close();
    else this.#leaving = null;
    return left;
  }

  /**
   * Shows the same login ids at the char door again. After a refusal there, `Client.enterWorld` may be called
   * again.
   */
  async backToCharSelect(): Promise<Outcome<CharacterSelect, LeaveRefusal | EnterWorldRefusal>> {
    const left = await this.leave("char-select");
    return left.ok ? this.#client.enterWorld(this.#world) : left;
  }

  /** Drops the connection, as a network failure would. The server saves the character once it notices. */
  destroy(): void {
    this.#isCut = true;
    this.#connection.destroy();
  }

  #listen(connection: MapConnection): void {
    connection.on((event) => {
      if (event.type === "map.hop") return this.#follow(connection, event);
      this.#apply(event);
      this.#events.emit(event);
    });
  }

  #follow(from: MapConnection, to: MapHop): void {
    from.close();
    this.#isHopping = true;
    this.#hopsFrom.set(from, this.#hopTo(to));
  }

  async #hopTo(to: MapHop): Promise<Hopped> {
    const hopped = await this.#enter(to, this.charId);
    this.#isHopping = false;
    if (!hopped.ok) return hopped;
    const { connection, place } = hopped.value;
    this.#connection = connection;
    this.#hops += 1;
    const changed = { type: "map.changed", ...place } as const;
    this.#apply(changed);
    this.#events.emit(changed);
    this.#listen(connection);
    if (this.#isCut) connection.destroy();
    return hopped;
  }

  /**
   * A request that the old map-server did not answer was not carried out either, so the new map-server is
   * asked.
   */
  async #wherever<Answer extends Outcome<unknown, string>>(
    ask: (connection: MapConnection) => Promise<Answer>,
  ): Promise<Answer> {
    for (;;) {
      const connection = this.#connection;
      const answer = await ask(connection);
      const hopped = isLost(answer) ? await this.#hopsFrom.get(connection) : undefined;
      if (!hopped?.ok) return answer;
    }
  }

  async #untilClosed(connection: MapConnection): Promise<ConnectionEnd> {
    const end = await connection.closed;
    const hopped = await this.#hopsFrom.get(connection);
    if (hopped === undefined) return this.#end(end);
    if (hopped.ok) return this.#untilClosed(hopped.value.connection);
    const detail = `on the way to another map-server: ${hopped.refusal}`;
    return this.#end({ ...end, reason: "disconnected", detail });
  }

  #apply(event: GameEvent): void {
    switch (event.type) {
      case "actor.appeared": {
        const { type: _, ...actor } = event;
        this.#actors.set(actor.charId, actor);
        return;
      }
      case "actor.moved":
        return this.#move(event);
      case "actor.vanished":
        this.#actors.delete(event.charId);
        return;
      case "map.changed": {
        const { type: _, ...place } = event;
        this.#place = place;
        this.#position = place.position;
        this.#actors.clear();
        return;
      }
      case "actor.said":
      case "client.kicked":
        return;
    }
  }

  #move({ charId, x, y }: { charId: CharId; x: number; y: number }): void {
    if (charId === this.charId) this.#position = { ...this.#position, x, y };
    const actor = this.#actors.get(charId);
    if (actor !== undefined) this.#actors.set(charId, { ...actor, x, y });
  }

  /** The server may close the connection right after its answer to `map.leave`. */
  async #end(end: ConnectionEnd): Promise<ConnectionEnd> {
    const left = await this.#leaving;
    return left?.ok === true ? { ...end, reason: "left" } : end;
  }
}

const isLost = (answer: Outcome<unknown, string>): boolean => !answer.ok && answer.refusal === "disconnected";
