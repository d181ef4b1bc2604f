import type { CharId, DialogueAnswer, Json, Position, Purchase, Score } from "@sallyport/domain";
import {
  type AnyMapIt,
  type At,
  type BuyAnswer,
  type ClickAnswer,
  type CommandAnswer,
  type DialogueAnswered,
  type Effect,
  type EffectOf,
  type Game,
  MapGame,
  type TakeAnswer,
} from "@sallyport/game-core";
import type { ActorId, Cell } from "@sallyport/map-world";
import type { Host } from "@sallyport/server-kit";
import { type MapActor, otherActor } from "../actor.ts";
import type { Defer, MapListener, MapRunner } from "../map-runner.ts";
import type { Player } from "../player.ts";
import type { CommandRate } from "./command-rate.ts";
import type { HandlerWatch } from "./handler-watch.ts";

export interface WorldOfGame {
  /** The newest known state. Undefined if it is not known yet. */
  get(key: string): Json | undefined;
  change(key: string, change: string, input: Json): void;
  submitScore(player: Player, score: Score): void;
}

export interface RunningGameDeps {
  readonly game: Game;
  readonly watch: HandlerWatch;
  readonly newActorId: () => ActorId;
  /** The rate of a player is the same on all maps, so a player cannot send more by going from map to map. */
  readonly rateOf: (player: Player) => CommandRate;
  readonly world: WorldOfGame;
  readonly defer: Defer;
  readonly forLog: (error: unknown) => unknown;
  readonly warp: (player: Player, to: Position) => void;
  /** The attributes of the player do not fit a reloaded game. */
  readonly misfit: (player: Player, reason: string) => void;
}

type Happening = (at: At) => readonly Effect[];

/**
 * The game on one map. It passes to `MapGame` what happens on the map, and carries out the effects. Things
 * that happen meanwhile wait until all effects are carried out.
 */
export class RunningGame implements MapListener {
  readonly #host: Pick<Host, "clock" | "log" | "random">;
  readonly #deps: RunningGameDeps;
  readonly #runner: MapRunner;
  readonly #view: At["view"];
  readonly #game: MapGame;
  readonly #players = new Map<CharId, Player>();
  readonly #waiting: Happening[] = [];
  #isBusy = false;
  #stopTimer: () => void = () => {};
  #dueAtMs = Number.POSITIVE_INFINITY;

  constructor(host: Pick<Host, "clock" | "log" | "random">, deps: RunningGameDeps, runner: MapRunner) {
    this.#host = host;
    this.#deps = deps;
    this.#runner = runner;
    this.#view = {
      cellOf: (id: ActorId) => runner.cellOf(id),
      near: (cell: Cell, reachCells: number) => runner.near(cell, reachCells),
      isWalkable: (x: number, y: number) => runner.map.isWalkable(x, y),
    };
    this.#game = new MapGame({ game: deps.game, map: runner.map, newActorId: deps.newActorId });
    runner.listen(this);
    const keys = Object.keys(deps.game.definition.world ?? {});
    const known = new Map(keys.map((key) => [key, deps.world.get(key)]));
    this.#run((at) => this.#game.open(known, at));
  }

  /** Calls `show` when it is known how the game shows the player, and before the game does anything else. */
  entered(player: Player, show: () => void): void {
    const { charId, name, character } = player;
    this.#players.set(charId, player);
    this.#run((at) => {
      const effects = this.#game.entered({ charId, name, character }, at);
      player.shown = this.#game.shownOf(charId);
      show();
      return effects;
    });
  }

  /** Call it while the player is still on the map, and before its last save. */
  left({ charId }: Player): void {
    if (!this.#players.has(charId)) return;
    // Runs at once, even while other effects are carried out: one of them may have made the player leave.
    for (const effect of this.#game.left(charId, this.#at())) this.#perform(effect);
    this.#players.delete(charId);
    this.#rearm();
  }

  stepped({ charId }: MapActor, cell: Cell): void {
    this.#run((at) => {
      const { view } = at;
      const cellOf = (id: ActorId) => (id === charId ? cell : view.cellOf(id));
      return this.#game.stepped(charId, { ...at, view: { ...view, cellOf } });
    });
  }

  arrived({ charId }: MapActor): void {
    this.#run((at) => this.#game.arrived(charId, at));
  }

  said({ charId }: Player, text: string): void {
    this.#run((at) => this.#game.said(charId, text, at));
  }

  click({ charId }: Player, actor: ActorId): ClickAnswer["answer"] {
    return this.#ask((at) => this.#game.clicked(charId, actor, at));
  }

  take({ charId }: Player, actor: ActorId): TakeAnswer["answer"] {
    return this.#ask((at) => this.#game.taken(charId, actor, at));
  }

  answer({ charId }: Player, actor: ActorId, answer: DialogueAnswer): DialogueAnswered["answer"] {
    return this.#ask((at) => this.#game.answered(charId, actor, answer, at));
  }

  buy({ charId }: Player, actor: ActorId, goods: readonly Purchase[]): BuyAnswer["answer"] {
    return this.#ask((at) => this.#game.bought(charId, actor, goods, at));
  }

  /** `body` is a value in MessagePack, as the client sent it. */
  command(player: Player, name: string, body: Uint8Array): CommandAnswer["answer"] | TooMany {
    const { charId } = player;
    const retryAfterMs = this.#deps.rateOf(player).waitMs(this.#host.clock.nowMs());
    if (retryAfterMs > 0) return { ok: false, refusal: "too-many", retryAfterMs };
    return this.#ask((at) => this.#game.command(charId, name, body, at));
  }

  worldChanged(key: string, state: Json): void {
    this.#run((at) => this.#game.worldChanged(key, state, at));
  }

  reload(game: Game): void {
    this.#run((at) => this.#game.reload(game, at));
  }

  /** Reads what a handler could read. Whatever `read` records is dropped. */
  inspect<T>(read: (it: AnyMapIt) => T): T {
    return this.#game.inspect(read, this.#at());
  }

  stop(): void {
    this.#stopTimer();
  }

  /** Commands come from clients, so none arrives while effects are carried out. */
  #ask<A>(ask: (at: At) => { readonly answer: A; readonly effects: readonly Effect[] }): A {
    const { answer, effects } = ask(this.#at());
    this.#run(() => effects);
    return answer;
  }

  #run(happening: Happening): void {
    this.#waiting.push(happening);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        for (const effect of next(this.#at())) this.#perform(effect);
      }
    } finally {
      this.#isBusy = false;
      this.#rearm();
    }
  }

  #at(): At {
    const { clock, random } = this.#host;
    return { nowMs: clock.nowMs(), random: () => random(), view: this.#view, calls: this.#deps.watch };
  }

  #rearm(): void {
    const dueMs = this.#game.nextDueMs() ?? Number.POSITIVE_INFINITY;
    if (dueMs === this.#dueAtMs) return;
    this.#stopTimer();
    this.#dueAtMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#host;
    this.#stopTimer = clock.after(Math.max(0, dueMs - clock.nowMs()), () => {
      this.#dueAtMs = Number.POSITIVE_INFINITY;
      this.#run((at) => this.#game.due(at));
    });
  }

  #perform(effect: Effect): void {
    const runner = this.#runner;
    switch (effect.type) {
      case "spawn": {
        const { actor: id, kind, name, class: sprite, cell } = effect;
        return runner.spawn(otherActor({ id, kind, name, sprite }), cell);
      }
      case "despawn":
        return runner.despawn(effect.actor);
      case "walk": {
        const actor = runner.find(effect.actor);
        if (actor !== undefined) runner.walk(actor, runner.middleOf(effect.to));
        return;
      }
      case "speak": {
        const actor = runner.find(effect.actor);
        if (actor !== undefined) runner.say(actor, { text: effect.text });
        return;
      }
      case "change-world":
        return this.#deps.world.change(effect.key, effect.change, (effect.input ?? null) as Json);
      case "fault": {
        const { handler, error } = effect;
        if (this.#deps.watch.isOff(handler)) return;
        const about = { map: runner.map.name, handler, err: this.#deps.forLog(error) };
        return this.#host.log.error(about, "a handler of the game failed");
      }
      case "send":
        return this.#send(effect);
      case "actor.changed":
      case "character.changed":
      case "dialogue.asked":
      case "dialogue.ended":
      case "dialogue.paused":
      case "dialogue.said":
      case "misfit":
      case "set":
      case "shop.offered":
      case "submit-score":
      case "warp":
        return this.#performFor(this.#players.get(effect.charId), effect);
    }
  }

  #performFor(player: Player | undefined, effect: OfPlayer): void {
    if (player === undefined) return;
    switch (effect.type) {
      case "warp":
        // A warp takes the player off the map. So it waits until all effects are carried out.
        this.#deps.defer(() => {
          if (this.#players.get(player.charId) === player) this.#deps.warp(player, effect.to);
        });
        return;
      case "set":
        player.character = effect.character;
        player.attributes = effect.character.attributes;
        return;
      case "misfit":
        return this.#deps.misfit(player, effect.reason);
      case "submit-score":
        return this.#deps.world.submitScore(player, effect.score);
      case "character.changed":
        return player.client?.send({ type: "character.changed", changes: effect.changes });
      case "actor.changed":
        return this.#runner.showAs(player, effect.shown);
      case "dialogue.asked":
      case "dialogue.ended":
      case "dialogue.paused":
      case "dialogue.said":
      case "shop.offered": {
        const { charId: _, ...event } = effect;
        return player.client?.send(event);
      }
    }
  }

  /** All clients get the same object, so it is encoded once. */
  #send({ to, name, body }: EffectOf<"send">): void {
    const event = { type: "game.event", name, body } as const;
    for (const charId of to) this.#players.get(charId)?.client?.send(event);
  }
}

interface TooMany {
  readonly ok: false;
  readonly refusal: "too-many";
  readonly retryAfterMs: number;
}

type OfPlayer = Extract<Effect, { readonly charId: CharId }>;
