import type { CharId, Spoken } from "@sallyport/domain";
import { type Cell, type GridMap, MapWorld, type Warp, type WorldEvent } from "@sallyport/map-world";
import type { Host } from "@sallyport/server-kit";
import type { Player } from "./player.ts";

export type RunnerHost = Pick<Host, "clock" | "metrics">;

export interface MapRunnerOptions {
  readonly stepMs: number;
  readonly viewCells: number;
  readonly warped: (player: Player, warp: Warp) => void;
  readonly stepped: (player: Player) => void;
}

/** The shortest pause between two rounds of steps. Steps that become due in this pause are sent together. */
const tickMs = 25;
const pathStepsMax = 40;

/** Runs one map: passes time and commands to its `MapWorld`, and sends the events to the clients. */
export class MapRunner {
  readonly map: GridMap;
  readonly #host: RunnerHost;
  readonly #options: MapRunnerOptions;
  readonly #world: MapWorld;
  readonly #players = new Map<number, Player>();
  readonly #warping = new Set<Player>();
  #stopTimer: (() => void) | null = null;

  constructor(host: RunnerHost, map: GridMap, options: MapRunnerOptions) {
    this.map = map;
    this.#host = host;
    this.#options = options;
    const { stepMs, viewCells } = options;
    this.#world = new MapWorld({ map, stepMs, viewCells, pathStepsMax });
  }

  /**
   * Places the player on the cell `at`, or near the spawn of the map if that cell is not walkable. `isNew`:
   * the player was on no map before, so a cell without other players is chosen. First send the returned cell
   * to the client. Then call `look`, which shows the players in view to each other.
   */
  enter(player: Player, at: Cell, isNew: boolean): { readonly cell: Cell; readonly look: () => void } {
    this.#players.set(player.charId, player);
    const events = this.#world.enter({ id: player.charId, x: at.x, y: at.y, isNew }, this.#nowMs());
    const cell = this.#world.position(player.charId) ?? at;
    return { cell, look: () => this.#tell(events) };
  }

  leave(player: Player): Cell {
    this.#tell(this.#world.advance(this.#nowMs()));
    const cell = this.#world.position(player.charId) ?? player;
    this.#tell(this.#world.leave(player.charId));
    this.#players.delete(player.charId);
    this.#rearm();
    return cell;
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
  walk(player: Player, to: Cell): number | null {
    this.#tell(this.#world.advance(this.#nowMs()));
    if (this.#warping.has(player)) return null;
    const { steps, events } = this.#world.walk(player.charId, to, this.#nowMs());
    this.#tell(events);
    this.#rearm();
    return steps;
  }

  say(player: Player, spoken: Spoken): void {
    const { charId, name } = player;
    for (const id of this.#world.say(charId)) this.#send(id, { type: "actor.said", charId, name, ...spoken });
  }

  stop(): void {
    this.#stopTimer?.();
  }

  #nowMs(): number {
    return this.#host.clock.nowMs();
  }

  #rearm(): void {
    const nextMs = this.#world.nextStepMs();
    if (nextMs === null || this.#stopTimer !== null) return;
    this.#stopTimer = this.#host.clock.after(Math.max(tickMs, nextMs - this.#nowMs()), () => {
      this.#stopTimer = null;
      this.#measure();
      this.#tell(this.#world.advance(this.#nowMs()));
      this.#rearm();
    });
  }

  /** Measures the delay of the oldest step that is due, which is the longest delay. */
  #measure(): void {
    const dueMs = this.#world.nextStepMs();
    const lateMs = dueMs === null ? -1 : this.#nowMs() - dueMs;
    if (lateMs >= 0) this.#host.metrics.observe("movementLate", {}, lateMs / 1_000);
  }

  #tell(events: readonly WorldEvent[]): void {
    for (const event of events) this.#tellOne(event);
  }

  #tellOne(event: WorldEvent): void {
    switch (event.type) {
      case "met":
        for (const other of event.others) {
          this.#showActor(event.actor.id, other);
          this.#showActor(other.id, event.actor);
        }
        return;
      case "parted":
        for (const other of event.others) {
          this.#send(event.actor, { type: "actor.vanished", charId: other as CharId });
          this.#send(other, { type: "actor.vanished", charId: event.actor as CharId });
        }
        return;
      case "walks": {
        const { id, x, y } = event.actor;
        const walks = { type: "actor.walks", charId: id as CharId, x, y, path: event.path } as const;
        for (const watcher of event.watchers) this.#send(watcher, walks);
        return;
      }
      case "moved": {
        const moved = { type: "actor.moved", charId: event.actor as CharId, x: event.x, y: event.y } as const;
        for (const watcher of event.watchers) this.#send(watcher, moved);
        const player = this.#players.get(event.actor);
        if (player !== undefined) this.#options.stepped(player);
        return;
      }
      case "warped": {
        const player = this.#players.get(event.actor);
        if (player === undefined) return;
        // A warp changes the world, so it must wait until all events of this round are sent.
        this.#warping.add(player);
        queueMicrotask(() => {
          this.#warping.delete(player);
          this.#options.warped(player, event.warp);
        });
      }
    }
  }

  #showActor(to: number, actor: Cell & { readonly id: number }): void {
    const player = this.#players.get(actor.id);
    if (player === undefined) return;
    const { accountId, charId, name, sex, looks } = player;
    const { x, y } = actor;
    const path = this.#world.pathOf(charId);
    this.#send(to, { type: "actor.appeared", accountId, charId, name, sex, looks, x, y, path });
  }

  #send(to: number, event: Parameters<NonNullable<Player["client"]>["send"]>[0]): void {
    this.#players.get(to)?.client?.send(event);
  }
}
