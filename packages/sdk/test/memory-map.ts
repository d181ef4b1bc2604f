import type { Clock } from "@sallyport/clock";
import {
  type AccountId,
  type Actor,
  type AnswerTo,
  accepted,
  type CharId,
  type CommandOf,
  type EventOf,
  firstActorId,
  type MapDoor,
  type MapEntered,
  type Position,
  plainLooks,
  refused,
  type Sex,
} from "@sallyport/domain";

export interface Walker {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly name: string;
  readonly sex: Sex;
  position: Position;
}

type Tell = (event: EventOf<MapDoor>) => void;

const side = 20;
const cells = Uint8Array.from({ length: side * side }, (_, index) => {
  const x = index % side;
  const y = Math.floor(index / side);
  return x === 0 || y === 0 || x === side - 1 || y === side - 1 ? 1 : 0;
});

export const guide = firstActorId;
export const apple = { item: 512, name: "Apple", price: 15 };

/** This map is a walled yard in which all actors see each other. */
export class MemoryMap {
  readonly walkers = new Map<CharId, { readonly walker: Walker; readonly tell: Tell; stop: () => void }>();
  readonly #clock: Clock;
  readonly stepMs = 1;
  /** A test replaces this by its game. */
  game: (command: CommandOf<MapDoor, "game.command">) => AnswerTo<MapDoor, "game.command"> = () =>
    refused("unknown-command");

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enter(walker: Walker, tell: Tell): MapEntered {
    for (const other of this.walkers.values()) {
      tell({ type: "actor.appeared", ...actor(other.walker) });
      other.tell({ type: "actor.appeared", ...actor(walker) });
    }
    this.walkers.set(walker.charId, { walker, tell, stop: () => {} });
    const { charId, name, position } = walker;
    const ground = { width: side, height: side, cells, stepMs: this.stepMs, viewCells: 14 };
    return { charId, name, position, ...ground, movement: null, isRoom: false };
  }

  leave(walker: Walker): void {
    this.walkers.get(walker.charId)?.stop();
    if (this.walkers.delete(walker.charId)) this.#tellAll({ type: "actor.vanished", ...idsOf(walker) });
  }

  walk(walker: Walker, to: { readonly x: number; readonly y: number }) {
    if (cells[to.y * side + to.x] !== 0) return refused("no-path");
    const entry = this.walkers.get(walker.charId);
    if (entry === undefined) return refused("out-of-order");
    const { x, y } = walker.position;
    const steps = Math.max(Math.abs(to.x - x), Math.abs(to.y - y));
    entry.stop();
    entry.stop = this.#clock.every(this.stepMs, () => {
      const { x, y } = walker.position;
      if (x === to.x && y === to.y) return entry.stop();
      const next = { x: x + Math.sign(to.x - x), y: y + Math.sign(to.y - y) };
      walker.position = { map: "yard", ...next };
      this.#tellAll({ type: "actor.moved", ...idsOf(walker), ...next, path: [], walked: 0 });
    });
    return accepted({ steps });
  }

  say(walker: Walker, text: string) {
    if (text.trim() === "") return refused("text-invalid");
    this.#tellAll({ type: "actor.said", ...idsOf(walker), name: walker.name, text });
    return accepted({});
  }

  /** The guide lets a player choose between a farewell and an offer. */
  click(walker: Walker, actor: number) {
    if (actor !== guide) return refused("no-such-actor");
    this.#tell(walker, { type: "dialogue.said", actor, text: "Welcome" });
    this.#tell(walker, { type: "dialogue.asked", actor, choices: ["Bye", "Buy"] });
    return accepted({});
  }

  answer(walker: Walker, { actor, answer }: CommandOf<MapDoor, "dialogue.answer">) {
    if (actor !== guide || answer.type !== "choice") return refused("no-dialogue");
    if (answer.index === 0) this.#tell(walker, { type: "dialogue.ended", actor });
    else this.#tell(walker, { type: "shop.offered", actor, goods: [apple] });
    return accepted({});
  }

  buy({ goods }: CommandOf<MapDoor, "shop.buy">) {
    return goods.every(({ item, amount }) => item === apple.item && amount === 1)
      ? accepted({})
      : refused("too-dear");
  }

  #tell(walker: Walker, event: EventOf<MapDoor>): void {
    this.walkers.get(walker.charId)?.tell(event);
  }

  #tellAll(event: EventOf<MapDoor>): void {
    for (const { tell } of this.walkers.values()) tell(event);
  }
}

const actor = ({ accountId, charId, name, sex, position: { x, y } }: Walker): Actor => ({
  accountId,
  charId,
  name,
  sex,
  looks: plainLooks,
  x,
  y,
  path: [],
  walked: 0,
  stepMs: 150,
  cameFrom: null,
  shown: new Uint8Array(),
  kind: "player",
});

const idsOf = ({ accountId, charId }: Walker) => ({ accountId, charId });
