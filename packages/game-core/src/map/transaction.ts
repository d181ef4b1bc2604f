import type { CharId } from "@sallyport/domain";
import type { ActorId, Cell } from "@sallyport/map-world";
import {
  changesBetween,
  checkedState,
  type LoadedCharacter,
  MisfitError,
} from "../character/character-state.ts";
import { merged } from "../character/json.ts";
import { GameError, validate } from "../schema/validate.ts";
import type { Effect } from "./effect.ts";
import { Journal } from "./journal.ts";
import type { ActorEntry, MapState, PlayerEntry } from "./map-state.ts";
import type { Refusal } from "./refusal.ts";
import type { At } from "./view.ts";

type State = { readonly [key: string]: unknown };

/**
 * What one handler does: effects, and changes of the state of the map. All of it happens, or nothing. States
 * that the handler changed are validated once, by `commit`.
 */
export class Transaction {
  readonly state: MapState;
  readonly at: At;
  readonly journal = new Journal();
  readonly #effects: (Effect | { readonly type: "character"; readonly charId: CharId })[] = [];
  /** The characters that the handler changed, as they were before. */
  readonly #before = new Map<CharId, LoadedCharacter>();
  /** Set by `it.refuse`. It holds even if the handler catches the error. */
  refusal: Refusal | null = null;
  #isMapChanged = false;

  constructor(state: MapState, at: At) {
    this.state = state;
    this.at = at;
  }

  add(effect: Effect): void {
    this.journal.checkOpen();
    this.#effects.push(effect);
  }

  player(charId: CharId): PlayerEntry {
    const player = this.state.players.get(charId);
    if (player === undefined) throw new GameError(`player ${charId} is not on this map`);
    return player;
  }

  actor(id: ActorId): ActorEntry {
    const actor = this.state.actors.get(id);
    if (actor === undefined) throw new GameError(`actor ${id} is not on this map any more`);
    return actor;
  }

  cellOfPlayer(charId: CharId): Cell {
    return this.at.view.cellOf(charId) ?? this.player(charId).cell;
  }

  cellOfActor(id: ActorId): Cell {
    return this.at.view.cellOf(id) ?? this.actor(id).home;
  }

  setCharacter(charId: CharId, changes: State): void {
    this.journal.checkOpen();
    const player = this.player(charId);
    if (!this.#before.has(charId)) {
      this.#before.set(charId, player.character);
      this.#effects.push({ type: "character", charId });
    }
    const state = merged(player.character.state, changes, "set: the state");
    const character = { ...player.character, state };
    this.journal.put(this.state.players, charId, { ...player, character });
  }

  setMap(changes: State): void {
    this.journal.checkOpen();
    this.#isMapChanged = true;
    this.journal.put(
      this.state.own,
      "map",
      merged(this.state.own.get("map") ?? {}, changes, "setMap: the state"),
    );
  }

  /** Validates what changed. Throws if it does not fit. Then the caller must call `rollBack`. */
  commit(): readonly Effect[] {
    if (this.refusal !== null) throw this.refusal;
    if (this.#isMapChanged) this.#commitMap();
    const effects = this.#effects.flatMap((effect) =>
      effect.type === "character" ? this.#commitCharacter(effect.charId) : [effect],
    );
    this.journal.close();
    return effects;
  }

  rollBack(): void {
    this.journal.rollBack();
  }

  #commitMap(): void {
    const schema = this.state.game.definition.map?.schema;
    if (schema === undefined) throw new GameError("setMap: the game has no `map`");
    const validated = validate(schema, this.state.own.get("map"));
    if (!validated.ok) throw new MisfitError(`setMap: ${validated.problem}`);
    this.journal.put(this.state.own, "map", merged({}, validated.value, "setMap: the state"));
  }

  #commitCharacter(charId: CharId): readonly Effect[] {
    const definition = this.state.game.definition.character;
    if (definition === undefined) throw new GameError("set: the game has no `character`");
    const before = this.#before.get(charId) as LoadedCharacter;
    const player = this.player(charId);
    const character = named("set", () => checkedState(definition, player.character.state));
    this.journal.put(this.state.players, charId, { ...player, character });
    const { own, shown } = changesBetween(this.state.game, before, character);
    const effects: Effect[] = [{ type: "set", charId, character }];
    if (own !== null) effects.push({ type: "character.changed", charId, changes: own });
    if (shown !== null) effects.push({ type: "actor.changed", charId, shown });
    return effects;
  }
}

function named<T>(call: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof MisfitError ? new MisfitError(`${call}: ${error.message}`) : error;
  }
}
