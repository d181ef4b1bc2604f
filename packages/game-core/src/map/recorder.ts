import { type CharId, distanceCells, type JsonObject, type Position } from "@sallyport/domain";
import type { ActorId, Cell } from "@sallyport/map-world";
import { packValue } from "@sallyport/wire";
import { freeze, merged } from "../character/json.ts";
import type { AnyShape } from "../definition/game.ts";
import type {
  ActorInfo,
  ActorPart,
  MapIt,
  ObjectInfo,
  PlayerInfo,
  PlayerIt,
  Refusing,
  ShopPart,
  SpawnOptions,
} from "../definition/recorder.ts";
import { GameError, validate } from "../schema/validate.ts";
import { checkedInput } from "../world/world-state.ts";
import { remove, spawn } from "./actors.ts";
import { checkedPlace, checkedScore, checkedSpeech } from "./checked-arguments.ts";
import { checkedProperties, zonesAt } from "./objects.ts";
import { Refusal } from "./refusal.ts";
import { startTimer } from "./schedule.ts";
import { offerShop } from "./shops.ts";
import type { Transaction } from "./transaction.ts";

/** Whom a handler serves. */
export interface Subject {
  readonly charId?: CharId;
  readonly actor?: ActorId;
}

type Any = PlayerIt<AnyShape> & ActorPart<AnyShape, string> & ShopPart & Refusing<string>;
type State = { readonly [key: string]: unknown };

/** The `it` of all handlers. The types of the definition show each handler the part that it can use. */
export class Recorder implements Any {
  readonly transaction: Transaction;
  readonly subject: Subject;

  constructor(transaction: Transaction, subject: Subject = {}) {
    this.transaction = transaction;
    this.subject = subject;
  }

  get nowMs(): number {
    return this.transaction.at.nowMs;
  }

  random(): number {
    this.transaction.journal.checkOpen();
    return this.transaction.at.random();
  }

  get players(): readonly PlayerIt<AnyShape>[] {
    const { transaction } = this;
    return [...transaction.state.players.keys()].map((charId) => new Recorder(transaction, { charId }));
  }

  actors<N extends string>(name: N): readonly ActorInfo<AnyShape, N>[] {
    const { transaction } = this;
    const all = [...transaction.state.actors.values()].filter((actor) => actor.name === name);
    return all.map(({ id }) => ({ ...actorInfo(transaction, id), name }));
  }

  get map(): MapIt<AnyShape>["map"] {
    const { map, own } = this.transaction.state;
    const { name, title, width, height, properties } = map;
    return { name, title, width, height, properties: freeze(properties), state: own.get("map") ?? {} };
  }

  objects<C extends string>(className: C): readonly ObjectInfo<AnyShape, C>[] {
    return (this.transaction.state.objects.get(className) ?? []) as readonly ObjectInfo<AnyShape, C>[];
  }

  zonesAt(cell: Cell): readonly ObjectInfo<AnyShape, "zone">[] {
    return zonesAt(this.transaction.state, cell);
  }

  setMap(changes: State): void {
    this.transaction.setMap(changes);
  }

  sendAll(event: string, body: unknown): void {
    this.#send([...this.transaction.state.players.keys()], event, body);
  }

  sendNear(cell: Cell, reachCells: number, event: string, body: unknown): void {
    const all = [...this.transaction.state.players.keys()];
    const isNear = (id: CharId): boolean =>
      distanceCells(cell, this.transaction.cellOfPlayer(id)) <= reachCells;
    this.#send(all.filter(isNear), event, body);
  }

  spawn(name: string, cell: Cell, options: SpawnOptions<object, JsonObject> = {}): ActorId {
    const { state = {}, properties = {} } = options;
    const { game } = this.transaction.state;
    return spawn(this.transaction, {
      ...{ name, cell, state },
      properties: checkedProperties(game, name, properties, `spawn: the properties of ${name}`),
    });
  }

  remove(actor: ActorId): void {
    remove(this.transaction, actor);
  }

  walk(actor: ActorId, to: Cell): void {
    this.transaction.actor(actor);
    this.transaction.add({ type: "walk", actor, to: { x: to.x, y: to.y } });
  }

  isWalkable({ x, y }: Cell): boolean {
    return this.transaction.at.view.isWalkable(x, y);
  }

  world(key: string): never {
    const { world } = this.transaction.state;
    if (!world.has(key)) throw new GameError(`world: the game has no world.${key}`);
    return world.get(key) as never;
  }

  changeWorld(key: string, change: string, input?: unknown): void {
    const checked = checkedInput(this.transaction.state.game, key, change, input);
    this.transaction.add({ type: "change-world", key, change, input: checked });
  }

  after(ms: number, timer: string, data?: unknown): void {
    startTimer(this.transaction, ms, timer, data);
  }

  get player(): PlayerInfo {
    const { charId, name } = this.transaction.player(this.#charId);
    const { x, y } = this.transaction.cellOfPlayer(charId);
    return { charId, name, x, y };
  }

  get character(): State {
    return this.transaction.player(this.#charId).character.state;
  }

  set(changes: State): void {
    this.transaction.setCharacter(this.#charId, changes);
  }

  send(event: string, body: unknown): void {
    this.#send([this.#charId], event, body);
  }

  warp(to: Position): void {
    this.transaction.add({ type: "warp", charId: this.#charId, to: checkedPlace(to) });
  }

  submitScore(board: string, score: number, comment = ""): void {
    const checked = checkedScore({ board, score, comment });
    this.transaction.add({ type: "submit-score", charId: this.#charId, score: checked });
  }

  get actor(): ActorInfo<AnyShape, string> {
    return actorInfo(this.transaction, this.#actor);
  }

  setActor(changes: object): void {
    const { journal, state } = this.transaction;
    journal.checkOpen();
    const actor = this.transaction.actor(this.#actor);
    const next = merged(actor.state, changes, "setActor: the state");
    journal.put(state.actors, actor.id, { ...actor, state: next });
  }

  say(text: string): void {
    const { id } = this.transaction.actor(this.#actor);
    this.transaction.add({ type: "speak", actor: id, text: checkedSpeech(text) });
  }

  openShop(): void {
    offerShop(this.transaction, this.#charId, this.#actor);
  }

  refuse(word: string): never {
    this.transaction.journal.checkOpen();
    const refusal = new Refusal(word);
    this.transaction.refusal = refusal;
    throw refusal;
  }

  get #charId(): CharId {
    if (this.subject.charId === undefined) throw new GameError("this handler serves no player");
    return this.subject.charId;
  }

  get #actor(): ActorId {
    if (this.subject.actor === undefined) throw new GameError("this handler serves no actor");
    return this.subject.actor;
  }

  #send(to: readonly CharId[], name: string, body: unknown): void {
    const events = this.transaction.state.game.definition.messages?.events ?? {};
    const schema = Object.hasOwn(events, name) ? events[name] : undefined;
    if (schema === undefined) throw new GameError(`send: the game has no event "${name}"`);
    const validated = validate(schema, body);
    if (!validated.ok) throw new GameError(`send: the body of "${name}" does not fit: ${validated.problem}`);
    this.transaction.journal.checkOpen();
    if (to.length > 0) this.transaction.add({ type: "send", to, name, body: packValue(body) });
  }
}

function actorInfo(transaction: Transaction, id: ActorId): ActorInfo<AnyShape, string> {
  const { name, state, properties } = transaction.actor(id);
  const { x, y } = transaction.cellOfActor(id);
  return { id, name, x, y, state, properties };
}
