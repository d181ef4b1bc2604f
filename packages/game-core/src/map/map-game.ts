import type { CharId, DialogueAnswer, Purchase } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";
import {
  type LoadedCharacter,
  loadState,
  ownAfterReload,
  ownOf,
  shownOf,
} from "../character/character-state.ts";
import type { AnyShape, Game } from "../definition/game.ts";
import type { MapInfo } from "../definition/map-info.ts";
import type { MapIt } from "../definition/recorder.ts";
import { readCommand } from "../messages/bodies.ts";
import { loadWorld } from "../world/world-state.ts";
import { actorNamed, isInReach, remove } from "./actors.ts";
import {
  type BuyAnswer,
  type ClickAnswer,
  type CommandAnswer,
  type DialogueAnswered,
  done,
  failed,
  no,
  type TakeAnswer,
} from "./answers.ts";
import { buy, click, continueDialogue, take } from "./clicks.ts";
import { feelTouches, forgetContacts } from "./contacts.ts";
import { runDue } from "./due.ts";
import type { Effect } from "./effect.ts";
import { endDialogue } from "./end-dialogue.ts";
import { emptyState, type MapState } from "./map-state.ts";
import { openMap } from "./open-map.ts";
import { Recorder } from "./recorder.ts";
import { runHandler } from "./run-handler.ts";
import { nextDueMs } from "./schedule.ts";
import { Transaction } from "./transaction.ts";
import type { At } from "./view.ts";
import { crossZones } from "./zones.ts";

export type AnyMapIt = MapIt<AnyShape>;

export interface MapGameOptions {
  readonly game: Game;
  readonly map: MapInfo;
  /** Returns a new id with each call: one that no player and no other actor has. */
  readonly newActorId: () => ActorId;
}

export interface Entering {
  readonly charId: CharId;
  readonly name: string;
  /** From `loadState`, or from the newest `set`. */
  readonly character: LoadedCharacter;
}

/**
 * One map as its game sees it. The caller passes what happens, and carries out the returned effects in their
 * order. It has no clock, no randomness and no cells of its own: all of that is in `At`. The same calls with
 * the same `At` return the same effects.
 */
export class MapGame {
  #state: MapState;
  readonly #options: Omit<MapGameOptions, "game">;

  constructor({ game, map, newActorId }: MapGameOptions) {
    this.#options = { map, newActorId };
    this.#state = emptyState(game, map, newActorId);
  }

  /** Places the actors of the map. Call it once, before anything else. `world` has the stored states by key. */
  open(world: ReadonlyMap<string, unknown>, at: At): readonly Effect[] {
    return openMap(this.#state, world, at);
  }

  /** The player is on the map: the view knows its cell. */
  entered({ charId, name, character }: Entering, at: At): readonly Effect[] {
    const { players, game } = this.#state;
    const cell = at.view.cellOf(charId) ?? { x: 0, y: 0 };
    players.set(charId, { charId, name, cell, character });
    const changes = ownOf(game, character);
    const shown: Effect[] = changes === null ? [] : [{ type: "character.changed", charId, changes }];
    return [
      ...shown,
      ...this.#run(at, "entered", game.definition.entered, (it, run) => run(it), { charId }),
      ...crossZones(this.#state, at, charId, { from: null, to: cell }),
    ];
  }

  /**
   * The player leaves the map. Call it while the view still knows its cell, and before its last save: an effect
   * `set` belongs to that save. Events to the player itself can be dropped.
   */
  left(charId: CharId, at: At): readonly Effect[] {
    const { players, dialogues, shops, contacts, game } = this.#state;
    const player = players.get(charId);
    if (player === undefined) return [];
    dialogues.delete(charId);
    shops.delete(charId);
    const effects = [
      ...crossZones(this.#state, at, charId, { from: player.cell, to: null }),
      ...this.#run(at, "left", game.definition.left, (it, run) => run(it), { charId }),
    ];
    players.delete(charId);
    forgetContacts(contacts, charId);
    return effects;
  }

  /** A player or another actor ended a step. */
  stepped(id: CharId | ActorId, at: At): readonly Effect[] {
    const { players, game } = this.#state;
    const player = players.get(id as CharId);
    if (player === undefined) return feelTouches(this.#state, id, at);
    const { charId } = player;
    const cell = at.view.cellOf(charId) ?? player.cell;
    players.set(charId, { ...player, cell });
    return [
      ...this.#endOutOfReach(charId, at),
      ...this.#run(at, "stepped", game.definition.stepped, (it, run) => run(it, cell), { charId }),
      ...crossZones(this.#state, at, charId, { from: player.cell, to: cell }),
      ...feelTouches(this.#state, charId, at),
    ];
  }

  said(charId: CharId, text: string, at: At): readonly Effect[] {
    const { players, game } = this.#state;
    if (!players.has(charId)) return [];
    return this.#run(at, "said", game.definition.said, (it, run) => run(it, text), { charId });
  }

  /** The walk of an actor ended. A monster that chases goes on at once. */
  arrived(id: ActorId, at: At): readonly Effect[] {
    const { minds, actors, game } = this.#state;
    const actor = actors.get(id);
    const definition = actor && actorNamed(game, actor.name);
    const isChaser = definition?.kind === "monster" && definition.mind?.chases !== undefined;
    if (isChaser && minds.has(id)) minds.set(id, at.nowMs);
    return [];
  }

  command(charId: CharId, name: string, body: Uint8Array, at: At): CommandAnswer {
    const { definition } = this.#state.game;
    const { messages, commands } = definition;
    const handler = commands && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (messages === undefined || handler === undefined) return no("unknown-command");
    let problem: string | null = null;
    const ran = runHandler(this.#state, at, `commands["${name}"]`, (transaction) => {
      const read = readCommand(messages, name, body);
      if (read.ok) return handler(new Recorder(transaction, { charId }), read.value);
      problem = read.why === "invalid" ? read.problem : read.why;
      return undefined;
    });
    if (problem !== null) return { answer: { ok: false, refusal: "invalid", problem }, effects: [] };
    if (ran.type === "refused") {
      return { answer: { ok: false, refusal: "refused", word: ran.word }, effects: [] };
    }
    return ran.type === "failed" ? failed(ran.effects) : done(ran.effects);
  }

  clicked(charId: CharId, actor: ActorId, at: At): ClickAnswer {
    return click(this.#state, at, { charId, actor });
  }

  answered(charId: CharId, actor: ActorId, answer: DialogueAnswer, at: At): DialogueAnswered {
    return continueDialogue(this.#state, at, { charId, actor }, answer);
  }

  taken(charId: CharId, actor: ActorId, at: At): TakeAnswer {
    return take(this.#state, at, { charId, actor });
  }

  bought(charId: CharId, actor: ActorId, goods: readonly Purchase[], at: At): BuyAnswer {
    return buy(this.#state, at, { charId, actor }, goods);
  }

  /** When `due` has something to do. It can change with each call of any method. */
  nextDueMs(): number | null {
    return nextDueMs(this.#state);
  }

  /** Runs the timers, the tick and the monsters that are due. */
  due(at: At): readonly Effect[] {
    return runDue(this.#state, at);
  }

  /** The stored state of the world changed, here or on another map-server. */
  worldChanged(key: string, stored: unknown, at: At): readonly Effect[] {
    const { game, world } = this.#state;
    if (!world.has(key)) return [];
    let value: unknown;
    try {
      value = loadWorld(game, key, stored, at.calls);
    } catch (error) {
      return [{ type: "fault", handler: `world.${key}`, error }];
    }
    world.set(key, value);
    return this.#run(at, "worldChanged", game.definition.worldChanged, (it, run) =>
      run(it, key, value as never),
    );
  }

  /**
   * Goes on with a new definition. Players stay, with their attributes loaded anew. The state of the map stays
   * if it fits the new schema. All actors and timers begin anew, as in `open`. Without `world`, the copies that
   * this map has are used.
   */
  reload(game: Game, at: At, world?: ReadonlyMap<string, unknown>): readonly Effect[] {
    const old = this.#state;
    const { map, newActorId } = this.#options;
    const state = emptyState(game, map, newActorId);
    this.#state = state;
    const effects: Effect[] = this.#clear(old, at);
    for (const player of old.players.values()) {
      const { charId } = player;
      const loaded = loadState(game, player.character.attributes, at.calls);
      if (!loaded.ok) {
        effects.push({ type: "misfit", charId, reason: loaded.reason });
        continue;
      }
      const { character } = loaded;
      state.players.set(charId, { ...player, character });
      effects.push({ type: "set", charId, character });
      const changes = ownAfterReload(old.game, game, character);
      if (changes !== null) effects.push({ type: "character.changed", charId, changes });
      effects.push({ type: "actor.changed", charId, shown: shownOf(game, character) });
    }
    return [...effects, ...openMap(state, world ?? old.world, at, old.own.get("map"))];
  }

  /** Reads what a handler could read. Whatever `read` records is dropped. */
  inspect<T>(read: (it: AnyMapIt) => T, at: At): T {
    const transaction = new Transaction(this.#state, at);
    try {
      return read(new Recorder(transaction));
    } finally {
      transaction.rollBack();
    }
  }

  /** What all clients are shown that see the player. Empty if the game shows them nothing. */
  shownOf(charId: CharId): Uint8Array {
    const player = this.#state.players.get(charId);
    return player === undefined ? new Uint8Array() : shownOf(this.#state.game, player.character);
  }

  #clear(state: MapState, at: At): Effect[] {
    const ran = runHandler(state, at, "reload", (transaction) => {
      for (const id of [...state.actors.keys()]) remove(transaction, id);
    });
    return ran.type === "done" ? [...ran.effects] : [];
  }

  #endOutOfReach(charId: CharId, at: At): readonly Effect[] {
    const state = this.#state;
    const [talks, buys] = [state.dialogues.get(charId)?.actor, state.shops.get(charId)];
    const isGone = (actor?: ActorId): boolean =>
      actor !== undefined && !isInReach(state, at.view, charId, actor);
    if (isGone(buys)) state.shops.delete(charId);
    if (!isGone(talks)) return [];
    const ran = runHandler(state, at, "dialogue", (transaction) => endDialogue(transaction, charId));
    return ran.type === "done" ? ran.effects : [];
  }

  #run<Handler>(
    at: At,
    path: string,
    handler: Handler | undefined,
    run: (it: Recorder, handler: Handler) => unknown,
    subject: { readonly charId?: CharId } = {},
  ): readonly Effect[] {
    if (handler === undefined) return [];
    const ran = runHandler(this.#state, at, path, (transaction) =>
      run(new Recorder(transaction, subject), handler),
    );
    return ran.type === "refused" ? [] : ran.effects;
  }
}
