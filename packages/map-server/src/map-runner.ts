import { accepted, type Outcome, refused, type Spoken } from "@sallyport/domain";
import {
  type ActorId,
  type Cell,
  type GridMap,
  MapWorld,
  type Placed,
  type Report,
  roundMs,
  type Warp,
  type WorldEvent,
} from "@sallyport/map-world";
import type { Host } from "@sallyport/server-kit";
import type { MapActor, OtherActor } from "./actor.ts";
import { Onlookers } from "./onlookers.ts";
import type { Player } from "./player.ts";
import type { Sight } from "./sight.ts";

export type RunnerHost = Pick<Host, "clock" | "metrics">;

/** What the game of the map has to know. `cell` is the one at the time of the event. */
export interface MapListener {
  stepped(actor: MapActor, cell: Cell): void;
  /** The walk of the actor ended. */
  arrived(actor: MapActor): void;
}

export interface MapRunnerOptions {
  readonly stepMs: number;
  readonly viewCells: number;
  readonly defer: Defer;
  readonly warped: (player: Player, warp: Warp) => void;
}

/** Runs a function after the present call has returned, and before time passes. */
export type Defer = (run: () => void) => void;

const pathStepsMax = 40;

/**
 * Runs one map. It passes time and commands to its `MapWorld`, and shows the events to the clients. It works in
 * rounds, which are at least `roundMs` apart. In a round, it carries out the steps that are due, and sends all
 * events since the last round. So each client gets at most one write in this time, in addition to the answers
 * to its own commands.
 */
export class MapRunner {
  readonly map: GridMap;
  readonly #host: RunnerHost;
  readonly #options: MapRunnerOptions;
  readonly #world: MapWorld;
  readonly #onlookers: Onlookers;
  readonly #warping = new Set<MapActor>();
  #listener: MapListener | null = null;
  #stopTimer: () => void = () => {};
  /** The time of the next round. Infinite if no step is due and no events wait. */
  #roundAtMs = Number.POSITIVE_INFINITY;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(host: RunnerHost, map: GridMap, options: MapRunnerOptions) {
    this.map = map;
    this.#host = host;
    this.#options = options;
    const { stepMs, viewCells } = options;
    this.#world = new MapWorld({ map, stepMs, viewCells, pathStepsMax });
    this.#onlookers = new Onlookers(this.#world, stepMs);
  }

  /**
   * Places the player on the cell `at`. If that cell is not walkable, the player is placed near the spawn.
   * `isNew` means that the player was on no map before; then a cell without other players is chosen. The
   * caller must send the returned cell to the client and then call `appear`.
   */
  enter(player: Player, at: Cell, isNew: boolean): Cell {
    const { charId } = player;
    this.advance();
    this.#onlookers.add(player);
    this.#world.enter({ id: charId, x: at.x, y: at.y, isNew });
    return this.#world.position(charId) ?? at;
  }

  /**
   * Shows the player to all that see it. Until then, it is shown to nobody, and its client is shown nobody. A
   * client that has called `look` until then is shown all others now. Returns false, and does nothing, if the
   * player has already appeared.
   */
  appear(player: Player): boolean {
    const { charId } = player;
    const isFirst = this.#onlookers.appear(charId, this.#world.say(charId));
    if (isFirst && this.#onlookers.hasLookedEarly(charId)) this.look(player);
    this.#rearm();
    return isFirst;
  }

  /** Carries out the steps that are due now. */
  advance(): void {
    this.#tell(this.#world.advance(this.#nowMs()));
  }

  /** Takes the player off the map. Its client gets no more events of this map. */
  leave(player: Player): Cell {
    this.advance();
    const cell = this.#world.position(player.charId) ?? player;
    this.#remove(player);
    return cell;
  }

  /** Tells the game of this map what happens from now on. */
  listen(listener: MapListener): void {
    this.#listener = listener;
  }

  /** Places an actor that is no player on a cell, and shows it to all players in view. */
  spawn(actor: OtherActor, cell: Cell): void {
    this.advance();
    const at = this.#world.middleOf(cell);
    this.#onlookers.add(actor);
    this.#tell(this.#world.enter({ id: actor.charId, x: at.x, y: at.y, isPlayer: false }));
  }

  /** Takes an actor that is no player off the map. Does nothing if it is not here. */
  despawn(id: ActorId): void {
    this.advance();
    const actor = this.#onlookers.find(id);
    if (actor !== undefined && actor.kind !== "player") this.#remove(actor);
  }

  find(id: ActorId): MapActor | undefined {
    return this.#onlookers.find(id);
  }

  /** The cell of an actor, also on a map whose positions are in units. Undefined if it is not here. */
  cellOf(id: ActorId): Cell | undefined {
    const at = this.#world.position(id);
    return at && this.#world.cellOf(at);
  }

  /** All actors within `reachCells` of the cell, in the order of their ids. */
  near(cell: Cell, reachCells: number): readonly Placed[] {
    return this.#world.near(cell, reachCells);
  }

  /** The position in the middle of a cell, in the units of the map. */
  middleOf(cell: Cell): Cell {
    return this.#world.middleOf(cell);
  }

  /** The number of actors that are no players. */
  get otherCount(): number {
    return this.#onlookers.otherCount;
  }

  /** Stops the player on its cell. Returns false if a warp is about to move the player. */
  halt(player: Player): boolean {
    this.#tell(this.#world.stop(player.charId, this.#nowMs()));
    return !this.#warping.has(player);
  }

  positionOf(player: Player): Cell {
    return this.#world.position(player.charId) ?? player;
  }

  /** Returns the number of steps, or null if there is no path. */
  walk(actor: MapActor, to: Cell): number | null {
    this.advance();
    if (this.#warping.has(actor)) return null;
    const { steps, events } = this.#world.walk(actor.charId, to, this.#nowMs());
    this.#tell(events);
    return steps;
  }

  /** Takes the position that the client of a player reports. */
  report(player: Player, at: Cell): Outcome<Record<never, never>, NonNullable<Report["refused"]>> {
    this.advance();
    if (this.#warping.has(player)) return refused("not-reported");
    const { refused: refusal, retryAfterMs, events } = this.#world.report(player.charId, at, this.#nowMs());
    this.#tell(events);
    return refusal === null ? accepted({}) : refused(refusal, retryAfterMs);
  }

  say({ accountId, charId, name }: MapActor, spoken: Spoken): void {
    this.#onlookers.show(this.#world.say(charId), {
      ...{ type: "actor.said", accountId, charId, name },
      ...spoken,
    });
    this.#rearm();
  }

  /** Shows the player differently to all who see it, but not to itself. */
  showAs(player: Player, shown: Uint8Array): void {
    const { accountId, charId } = player;
    player.shown = shown;
    this.#onlookers.changed(charId);
    const others = this.#world.say(charId).filter((id) => id !== charId);
    this.#onlookers.show(others, { type: "actor.changed", accountId, charId, shown });
    this.#rearm();
  }

  /**
   * Shows the player all other actors in view, and the rest of its own walk. Steps that are due wait: their events
   * are about actors that the client is not shown yet.
   */
  look({ accountId, charId }: Player): void {
    this.#onlookers.showAll(charId, this.#world.inView(charId));
    const cell = this.#world.position(charId);
    const { path = [], walked = 0 } = this.#world.courseOf(charId) ?? {};
    if (cell !== undefined && path.length > 0)
      this.#onlookers.show([charId], { type: "actor.walks", accountId, charId, ...cell, path, walked });
    this.#rearm();
  }

  sees(player: Player, other: MapActor): boolean {
    return this.#world.see(player.charId, other.charId);
  }

  stop(): void {
    this.#stopTimer();
  }

  #remove({ accountId, charId }: MapActor): void {
    const wasShown = this.#onlookers.remove(charId);
    const vanished = { type: "actor.vanished", accountId, charId } as const;
    for (const { others } of this.#world.leave(charId)) if (wasShown) this.#onlookers.show(others, vanished);
    this.#rearm();
  }

  #nowMs(): number {
    return this.#host.clock.nowMs();
  }

  #rearm(): void {
    const nowMs = this.#nowMs();
    const stepMs = this.#world.nextStepMs() ?? Number.POSITIVE_INFINITY;
    const flushMs = this.#onlookers.isWaiting ? nowMs + roundMs : Number.POSITIVE_INFINITY;
    const atMs = Math.min(flushMs, Math.max(stepMs, this.#restsUntilMs));
    if (atMs < this.#roundAtMs) this.#roundAt(atMs);
  }

  #roundAt(atMs: number): void {
    this.#stopTimer();
    this.#roundAtMs = atMs;
    this.#stopTimer = this.#host.clock.after(Math.max(0, atMs - this.#nowMs()), () => this.#round());
  }

  #round(): void {
    this.#measure();
    const startedMs = this.#nowMs();
    this.advance();
    const isDone = this.#onlookers.flush();
    const endedMs = this.#nowMs();
    this.#host.metrics.observe("mapRoundSeconds", {}, (endedMs - startedMs) / 1_000);
    this.#roundAtMs = Number.POSITIVE_INFINITY;
    this.#restsUntilMs = endedMs + roundMs;
    if (isDone) this.#rearm();
    else this.#roundAt(this.#nowMs());
  }

  /** Measures how late the oldest due step is. No other step is later than that one. */
  #measure(): void {
    const dueMs = this.#world.nextStepMs();
    const lateMs = dueMs === null ? -1 : this.#nowMs() - dueMs;
    if (lateMs >= 0) this.#host.metrics.observe("movementLate", {}, lateMs / 1_000);
  }

  #tell(events: readonly WorldEvent[]): void {
    for (const event of events) this.#tellOne(event);
    this.#rearm();
    // The game may change the world. So it learns of the steps after all clients.
    for (const event of events) if (event.type === "moved") this.#tellGame(event);
  }

  #tellGame({ actor: id, x, y, path, walked, isWithinCell }: Moved): void {
    const actor = this.#onlookers.find(id);
    if (actor === undefined || isWithinCell) return;
    this.#listener?.stepped(actor, this.#world.cellOf({ x, y }));
    if (walked === path.length) this.#listener?.arrived(actor);
  }

  #tellOne(event: WorldEvent): void {
    switch (event.type) {
      case "met":
        for (const { id } of event.others) {
          this.#onlookers.showActor([event.actor.id], id);
          this.#onlookers.showActor([id], event.actor.id);
        }
        return;
      case "parted":
        this.#show(event.others, event.actor, { type: "actor.vanished" });
        for (const other of event.others) this.#show([event.actor], other, { type: "actor.vanished" });
        return;
      case "walks": {
        const { id, x, y } = event.actor;
        this.#onlookers.changed(id);
        this.#show(event.watchers, id, { type: "actor.walks", x, y, path: event.path, walked: 0 });
        return;
      }
      case "moved": {
        const { actor, x, y, path, walked, watchers } = event;
        this.#onlookers.changed(actor);
        this.#show(watchers, actor, { type: "actor.moved", x, y, path, walked });
        return;
      }
      case "warped": {
        const player = this.#onlookers.find(event.actor);
        if (player?.kind !== "player") return;
        // A warp changes the world. So the warp waits until all events of this round are sent.
        this.#warping.add(player);
        this.#options.defer(() => {
          this.#warping.delete(player);
          this.#options.warped(player, event.warp);
        });
      }
    }
  }

  #show(to: readonly ActorId[], of: ActorId, what: OfActor<Sight>): void {
    const actor = this.#onlookers.find(of);
    if (actor === undefined) return;
    const { accountId, charId } = actor;
    this.#onlookers.show(to, { ...what, accountId, charId } as Sight);
  }
}

type Moved = Extract<WorldEvent, { type: "moved" }>;
type OfActor<S extends Sight> = S extends Sight ? Omit<S, "accountId" | "charId"> : never;
