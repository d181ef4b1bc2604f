import type { Actor, CharId, EventOf, MapDoor, MapEntered, Outcome, Position } from "@sallyport/domain";
import type { CharacterSelect, EnterWorldRefusal } from "./character-select.ts";
import type { Client } from "./client.ts";
import type { ConnectionEnd, DoorAddress } from "./connection.ts";
import type { MapConnection } from "./doors.ts";
import { EventStream } from "./event-stream.ts";
import type { AnswerAt, RefusalFor } from "./refusals.ts";

export type EnterMapRefusal = RefusalFor<MapDoor, "map.enter"> | "unreachable";
export type LeaveRefusal = RefusalFor<MapDoor, "map.leave">;
export type GameEvent = EventOf<MapDoor>;
export type LeaveAnswer = AnswerAt<MapDoor, "map.leave">;

/** The map door, open: a character in the world. */
export class Game {
  /** `left` only when the server said that it saved; a kick tells its reason. */
  readonly closed: Promise<ConnectionEnd>;
  readonly charId: CharId;
  readonly name: string;
  readonly #client: Client;
  readonly #connection: MapConnection;
  readonly #world: DoorAddress;
  readonly #events = new EventStream<GameEvent>();
  readonly #actors = new Map<CharId, Actor>();
  #place: MapEntered;
  #position: Position;
  #leaving: Promise<LeaveAnswer> | null = null;

  constructor(client: Client, connection: MapConnection, world: DoorAddress, entered: MapEntered) {
    this.#client = client;
    this.#connection = connection;
    this.#world = world;
    this.#place = entered;
    this.#position = entered.position;
    this.charId = entered.charId;
    this.name = entered.name;
    this.closed = connection.closed.then((end) => this.#end(end));
    connection.on((event) => {
      this.#apply(event);
      this.#events.emit(event);
    });
  }

  /** The map as it was entered; `position` is where the character is by now. */
  get place(): MapEntered {
    return this.#place;
  }

  get position(): Position {
    return this.#position;
  }

  /** The others in view. */
  get actors(): ReadonlyMap<CharId, Actor> {
    return this.#actors;
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Events that came before the first listener are given to it at once. Returns what stops it. */
  on(listener: (event: GameEvent) => void): () => void {
    return this.#events.on(listener);
  }

  walk(x: number, y: number): Promise<AnswerAt<MapDoor, "map.walk">> {
    return this.#connection.ask({ type: "map.walk", x, y });
  }

  say(text: string): Promise<AnswerAt<MapDoor, "map.say">> {
    return this.#connection.ask({ type: "map.say", text });
  }

  /** Saves and leaves. Where that is refused the character is still in the world. */
  async leave(to: "offline" | "char-select" = "offline"): Promise<LeaveAnswer> {
    const leaving = this.#leaving ?? this.#connection.ask({ type: "map.leave", to });
    this.#leaving = leaving;
    const left = await leaving;
    if (left.ok) this.#connection.close();
    else this.#leaving = null;
    return left;
  }

  /** Shows the same login ids at the char door again. Refused there, `Client.enterWorld` may be asked again. */
  async backToCharSelect(): Promise<Outcome<CharacterSelect, LeaveRefusal | EnterWorldRefusal>> {
    const left = await this.leave("char-select");
    return left.ok ? this.#client.enterWorld(this.#world) : left;
  }

  /** As if the network had been cut: the server saves what it has, when it notices. */
  destroy(): void {
    this.#connection.destroy();
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

  /** The server may hang up in the same breath as it answers the leaving. */
  async #end(end: ConnectionEnd): Promise<ConnectionEnd> {
    const left = await this.#leaving;
    return left?.ok === true ? { ...end, reason: "left" } : end;
  }
}
