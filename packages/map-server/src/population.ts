import { type charToMap, parseAttributes } from "@sallyport/cluster-protocol";
import {
  AccountId,
  type AnswerTo,
  accepted,
  type Cell,
  firstActorId,
  type Json,
  type Kick,
  type KickReason,
  type MapDoor,
  type MapEntered,
  type Outcome,
  type Position,
  refused,
  refusedBecause,
  refusedWith,
  type Sex,
  type Standing,
} from "@sallyport/domain";
import type { Game } from "@sallyport/game-core";
import type { HandlerAnswer } from "@sallyport/link";
import {
  type CharacterOwnerEffect,
  type CharacterOwnerEvent,
  decideCharacterOwner,
} from "@sallyport/lock-core";
import { type Client, doorFor, type Host, introducedAs } from "@sallyport/server-kit";
import type { CharLink, OfCharacter } from "./char-link.ts";
import type { RunningGame } from "./game/running-game.ts";
import type { MapRunner } from "./map-runner.ts";
import { NextChange } from "./next-change.ts";
import { Places, type PlacesDeps } from "./places.ts";
import {
  type Expected,
  expectedPlayer,
  isChanged,
  isIn,
  isNew,
  isNewer,
  kickOf,
  marksOf,
  notWaiting,
  type Player,
  type Save,
} from "./player.ts";
import { lines } from "./player-lines.ts";
import { Saves } from "./saves.ts";

/**
 * The players of this server: at most one for each account, from the hand-over by the char-server until the
 * last save is stored. If the same account is handed over again, the present player is dropped without a
 * save, because the char-server would refuse the save. Commands, timers and answers are events for
 * `characterOwnerTable`. The table decides what happens to a player. This class carries out the effects.
 */

export interface PopulationDeps extends PlacesDeps {
  readonly link: Pick<CharLink, "isUp" | "enter" | "save" | "hop" | "leave">;
  readonly playersMax: number;
  readonly autosaveMs: number;
  readonly unsavedMs: number;
}

export class Population {
  readonly #host: Host;
  readonly #deps: PopulationDeps;
  readonly #players = new Map<AccountId, Player>();
  readonly places: Places;
  readonly #changes = new NextChange<Player>();
  readonly #saves: Saves;
  #isClosed = false;

  constructor(host: Host, deps: PopulationDeps) {
    this.#host = host;
    this.#deps = deps;
    this.places = new Places(host, deps, {
      warped: (player, to) => this.#warp(player, to),
      warp: (player, to) => void this.warp(player, to),
      misfit: (player, reason) => this.#misfit(player, reason),
    });
    this.#saves = new Saves(host, {
      link: deps.link,
      changes: this.#changes,
      stateOf: (player) => this.places.stateOf(player),
      feed: (player, event) => void this.#feed(player, event),
    });
  }

  get players(): readonly Player[] {
    return [...this.#players.values()];
  }

  get count(): number {
    return this.#players.size;
  }

  /** Replaces the list of hosted maps. Players on other maps stay until `goOn` hands them over. */
  host(maps: readonly string[]): void {
    this.places.maps.host(maps, this.players);
  }

  /** Refuses new hand-overs. Players that are already expected can still enter. */
  close(): void {
    this.#isClosed = true;
  }

  /** Players on a map that this server no longer hosts, and expected players of such a map. */
  get strays(): readonly Player[] {
    if (!this.places.maps.hasMore) return [];
    return this.players.filter(({ map }) => !this.places.maps.isHosted(map));
  }

  /**
   * Hands the player over to the map-server that now hosts the map of the player. Returns false if the player
   * is still here.
   */
  async goOn(player: Player): Promise<boolean> {
    if (!isIn(player, "playing") || this.mapOf(player)?.halt(player) === false) return false;
    this.#feed(player, { type: "hop", to: this.places.stateOf(player).position });
    await this.#hopped(player);
    return isIn(player, "gone");
  }

  /** The answer does not reach a client that goes on to another map-server: it asks there again. */
  async enterRoom(player: Player, map: string, at: Cell | null): Promise<AnswerTo<MapDoor, "room.enter">> {
    const to = this.places.openRoom(map, at);
    if (to === null)
      return refusedBecause("no-such-room", { retryAfterMs: null, detail: this.places.openRooms() });
    if (player.map === map) return accepted({});
    void this.warp(player, to);
    await this.#hopped(player);
    return player.map === map ? accepted({}) : refused("unavailable", 1_000);
  }

  expect(character: Expected): HandlerAnswer<typeof charToMap, "character.expect"> {
    if (this.#isClosed) return refused("stopping");
    if (!this.places.maps.isHosted(character.position.map)) return refused("map-not-hosted");
    const here = this.#players.get(character.accountId);
    if (here !== undefined) {
      // This message was delayed. A newer hand-over of the account has already arrived.
      if (isNewer(here, character)) return refused("stale-fence");
      this.#feed(here, { type: "drop", reason: "lock-lost" });
    }
    const { game, playersMax, autosaveMs } = this.#deps;
    if (this.#players.size >= playersMax) return refused("full");
    const stored = parseAttributes(character.attributes);
    const loading = game?.load(stored) ?? { ok: true, character: { state: {}, attributes: stored } };
    if (!loading.ok) return this.#stateInvalid(character, loading.reason);
    const saveDueMs = this.#host.clock.nowMs() + autosaveMs;
    const player = expectedPlayer(character, saveDueMs, stored, loading.character);
    // When the lock expires, the char-server sends `character.forget`. If that message is lost, this timer
    // removes the player.
    const over = () => void this.#feed(player, { type: "wait-over" });
    player.stopWaiting = this.#host.clock.after(character.waitMs * 2, over);
    this.#players.set(player.accountId, player);
    return accepted({});
  }

  #stateInvalid({ trace, accountId, charId }: Expected, reason: string) {
    this.#host.log.error({ trace, accountId, charId, why: reason }, "a character does not fit the game");
    return refusedWith("state-invalid", reason);
  }

  forget(of: OfCharacter, kick: Kick): void {
    const player = this.find(of);
    if (player === undefined) return;
    player.kick ??= kick;
    this.#feed(player, { type: "drop", reason: kick.reason });
  }

  kick(of: OfCharacter, kick: Kick): boolean {
    const player = this.find(of);
    if (player === undefined) return false;
    player.kick ??= kick;
    this.#feed(player, { type: "kick", reason: kick.reason });
    return true;
  }

  /**
   * Admits a client in two steps. 1: the client shows the ids that the char-server announced. 2: the
   * char-server grants the lock.
   */
  async enter(
    client: Client<MapDoor>,
    shown: { accountId: AccountId; charId: number; loginId1: number; sex: Sex },
  ): Promise<Outcome<{ player: Player; entered: MapEntered }, "not-expected" | "unavailable">> {
    const player = this.#players.get(shown.accountId);
    const isExpected =
      player?.charId === shown.charId && player.loginId1 === shown.loginId1 && player.sex === shown.sex;
    if (!isExpected || !this.#feed(player, { type: "enter" })) return refused("not-expected");
    player.client = client;
    client.follow(player.trace);
    const entered = await this.#deps.link.enter(player);
    const answer = entered.ok
      ? ({ type: "granted", isConnected: client.isConnected } as const)
      : ({ type: "not-granted" } as const);
    // The answer came too late in two cases. 1: the player was dropped. 2: the server began to stop.
    if (!this.#feed(player, answer)) return refused("not-expected");
    if (!entered.ok) return refused(entered.refusal === "lock-lost" ? "not-expected" : "unavailable");
    if (!isIn(player, "playing")) return refused("not-expected");
    this.#host.log.info({ ...marksOf(player), map: player.map, ...introducedAs(client) }, "playing");
    return accepted({ player, entered: this.places.place(player, player.map, player, isNew(player)) });
  }

  /** Call this method when the client has the answer that it has entered. */
  appear(player: Player): void {
    if (isIn(player, "playing")) this.places.appear(player);
  }

  /** Takes what operators changed about an account, if its character is here. */
  standingChanged(accountId: AccountId, standing: Standing): void {
    const player = this.#players.get(accountId);
    if (player !== undefined) player.standing = standing;
  }

  gameOf(player: Player): RunningGame | undefined {
    return this.places.gameOf(player);
  }

  /** Called when this server learns a state of the world. */
  worldChanged(key: string, state: Json): void {
    this.places.worldChanged(key, state);
  }

  /** Goes on with another definition of the game. Players stay, if their attributes fit it. */
  reload(game: Game): void {
    const others = this.players.filter((player) => isIn(player, "expected") || isIn(player, "entering"));
    this.places.reload(game, others);
  }

  mapOf(player: Player): MapRunner | undefined {
    return this.places.mapOf(player);
  }

  runnerOf(map: string): MapRunner | undefined {
    return this.places.maps.runnerOf(map);
  }

  /**
   * Returns the name of an actor. Null if the player does not see it. `actor` is the account id of a player,
   * or the actor id of another actor.
   */
  nameInView(player: Player, actor: number): string | null {
    const runner = this.mapOf(player);
    const other = actor < firstActorId ? this.#players.get(AccountId(actor)) : runner?.find(actor);
    if (other === undefined || (other.kind === "player" && other.map !== player.map)) return null;
    return runner?.sees(player, other) ? other.name : null;
  }

  /**
   * Saves the player, releases its lock, and then disconnects the client. `reason` is null if the client
   * asked to leave or has disconnected.
   */
  leave(player: Player, to: "char-select" | "offline", reason: KickReason | null): Promise<void> {
    return this.#leave(player, to, reason).catch(this.#host.failed);
  }

  /**
   * Saves each changed player whose last save is older than the autosave period. Disconnects each player
   * whose saves have failed for too long.
   */
  autosave(): void {
    for (const player of this.#players.values()) this.#saves.autosave(player);
  }

  save(player: Player): ReturnType<Saves["asked"]> {
    return this.#saves.asked(player);
  }

  /** Removes all players without a save, because this server no longer owns their locks. */
  dropAll(reason: KickReason): void {
    for (const player of this.players) this.#feed(player, { type: "drop", reason });
  }

  /** Saves and disconnects all players. The saves need an answer of the char-server. */
  async stop(reason: KickReason): Promise<void> {
    this.close();
    await Promise.all(this.players.map((player) => this.leave(player, "offline", reason)));
    this.places.maps.stop();
  }

  async #leave(player: Player, to: "char-select" | "offline", reason: KickReason | null): Promise<void> {
    this.#feed(player, { type: "leave", to, reason });
    while (!isIn(player, "gone")) await this.#changes.next(player);
  }

  /** Returns false if the event has no effect in the present state of the player. */
  #feed(player: Player, event: CharacterOwnerEvent): boolean {
    const { autosaveMs, unsavedMs } = this.#deps;
    const at = { nowMs: this.#host.clock.nowMs(), autosaveMs, unsavedMs };
    const decision = decideCharacterOwner(player.owner, event, at);
    if (!decision.ok) return false;
    player.owner = decision.next;
    for (const effect of decision.effects) this.#perform(player, effect);
    this.#follow(player);
    return true;
  }

  /** Updates the timer, the list of players and the waiting callers after a change of state. */
  #follow(player: Player): void {
    if (!isIn(player, "expected")) {
      player.stopWaiting();
      player.stopWaiting = notWaiting;
    }
    if (isIn(player, "gone")) {
      player.client = null;
      this.#players.delete(player.accountId);
    }
    this.#changes.came(player);
  }

  async #hopped(player: Player): Promise<void> {
    while (isIn(player, "hopping")) await this.#changes.next(player);
  }

  #perform(player: Player, effect: CharacterOwnerEffect): void {
    const { log, failed } = this.#host;
    switch (effect.type) {
      case "ask-save":
        this.#saves.ask(player, effect.save).catch(failed);
        return;
      case "ask-hop":
        // What the game does from now on would not be saved.
        this.gameOf(player)?.left(player);
        this.#askHop(player, effect.to, effect.save).catch(failed);
        return;
      case "ask-leave": {
        const { to, save, onlyIfChanged } = effect;
        const state = this.places.stateOf(player);
        const isStored = save === null || (onlyIfChanged && !isChanged(player, state));
        this.#askLeave(player, to, isStored ? null : { ...state, saveNumber: save }).catch(failed);
        return;
      }
      case "take-from-map":
        return this.places.take(player);
      case "let-go-of-client":
        player.client = null;
        return;
      case "tell":
        player.client?.send({ type: "client.kicked", ...kickOf(player, effect.reason) });
        player.client?.disconnect(`kicked: ${effect.reason}`);
        return;
      case "say": {
        const { type: _, line, ...said } = effect;
        const [level, text] = lines[line];
        return log[level]({ ...marksOf(player), ...said }, text);
      }
    }
  }

  async #askHop(player: Player, { map, x, y }: Position, save: number): Promise<void> {
    const position = { map, x, y };
    const { attributes } = player;
    const hopped = await this.#deps.link.hop(player, { position, attributes, saveNumber: save });
    if (!hopped.ok) {
      this.#feed(player, { type: "not-hopped", save, why: hopped.refusal });
      return this.appear(player);
    }
    const { client } = player;
    if (!this.#feed(player, { type: "hopped", save })) return;
    client?.send({ type: "map.hop", position, ...doorFor(hopped.value, client.remote) });
    client?.disconnect(`went on to ${map}`);
  }

  async #askLeave(player: Player, to: "char-select" | "offline", save: Save | null): Promise<void> {
    const left = await this.#deps.link.leave(player, to, save);
    const { isReleased } = left.ok ? left.value : { isReleased: false };
    this.#feed(player, left.ok ? { type: "left", isReleased } : { type: "not-left", why: left.refusal });
  }

  /** Returns false if the player is on no map, or is about to leave the one where it is. */
  warp(player: Player, to: Position): boolean {
    const isFree = isIn(player, "playing") && this.mapOf(player)?.halt(player) !== false;
    if (isFree) this.#warp(player, to);
    return isFree;
  }

  /** The attributes are saved as the game before has left them. */
  #misfit(player: Player, reason: string): void {
    this.#host.log.error({ ...marksOf(player), why: reason }, "a character does not fit the game");
    void this.leave(player, "offline", "save-failed");
  }

  #warp(player: Player, to: Position): void {
    if (!isIn(player, "playing")) return;
    if (!this.places.maps.isHosted(to.map)) return void this.#feed(player, { type: "hop", to });
    this.#perform(player, { type: "take-from-map" });
    const entered = this.places.place(player, to.map, to);
    player.client?.send({ type: "map.changed", ...entered });
    this.places.appear(player);
  }

  find({ accountId, charId, charFence }: OfCharacter): Player | undefined {
    const player = this.#players.get(accountId);
    return player?.charId === charId && player.charFence === charFence ? player : undefined;
  }
}
