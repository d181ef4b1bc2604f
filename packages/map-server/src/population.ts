import type { charToMap } from "@sallyport/cluster-protocol";
import {
  type AccountId,
  accepted,
  type CharacterState,
  type KickReason,
  type MapDoor,
  type MapEntered,
  type Outcome,
  type Position,
  refused,
  type Sex,
} from "@sallyport/domain";
import type { HandlerAnswer } from "@sallyport/link";
import type { GridMap, Warp } from "@sallyport/map-world";
import { type Client, doorFor, type Host, introducedAs } from "@sallyport/server-kit";
import type { CharLink, OfCharacter } from "./char-link.ts";
import type { GameRules } from "./game-rules.ts";
import { HostedMaps } from "./hosted-maps.ts";
import type { MapRunner } from "./map-runner.ts";
import {
  type Expected,
  expectedPlayer,
  isNewer,
  isUnsaved,
  marksOf,
  nextSave,
  notWaiting,
  type Player,
} from "./player.ts";

/*
 * The players of this server: one for each account, from the hand-over by the char-server until the last save
 * is stored. A new hand-over of the same account drops the present player without a save, because the
 * char-server would refuse that save.
 */

export interface PopulationDeps {
  readonly maps: ReadonlyMap<string, GridMap>;
  readonly link: Pick<CharLink, "enter" | "save" | "hop" | "leave">;
  readonly rules: GameRules;
  readonly playersMax: number;
  readonly stepMs: number;
  readonly viewCells: number;
  readonly autosaveMs: number;
  readonly unsavedMs: number;
}

interface Placed {
  readonly entered: MapEntered;
  readonly appear: () => void;
}

const saveRetryMs = 5_000;

export class Population {
  readonly #host: Host;
  readonly #deps: PopulationDeps;
  readonly #players = new Map<AccountId, Player>();
  readonly #maps: HostedMaps;
  readonly #leaving = new Set<Promise<void>>();
  readonly #left = new WeakMap<Player, Promise<void>>();
  #isClosed = false;

  constructor(host: Host, deps: PopulationDeps) {
    this.#host = host;
    this.#deps = deps;
    const { maps, stepMs, viewCells } = deps;
    this.#maps = new HostedMaps(host, maps, {
      ...{ stepMs, viewCells },
      warped: (player, warp) => this.#warp(player, warp),
      stepped: (player) => {
        player.attributes = deps.rules.stepped(player.attributes);
      },
    });
  }

  get players(): readonly Player[] {
    return [...this.#players.values()];
  }

  get count(): number {
    return this.#players.size;
  }

  get maps(): readonly string[] {
    return this.#maps.hosted;
  }

  /** Replaces the list of hosted maps. Players on other maps stay until `goOn` moves them. */
  host(maps: readonly string[]): void {
    this.#maps.host(maps, this.players);
  }

  /** Refuses new hand-overs. Players that are already expected may still enter. */
  close(): void {
    this.#isClosed = true;
  }

  /** Players on maps, or expected on maps, that this server no longer hosts. */
  get strays(): readonly Player[] {
    if (!this.#maps.hasMore) return [];
    return this.players.filter(({ map }) => !this.#maps.isHosted(map));
  }

  /**
   * Hands the player over to the map-server that hosts its map now. Returns false if the player is still
   * here.
   */
  async goOn(player: Player): Promise<boolean> {
    if (player.phase !== "playing" || this.mapOf(player)?.halt(player) === false) return false;
    this.#startHop(player, this.#stateOf(player).position);
    await player.hop;
    return isGone(player);
  }

  expect(character: Expected): HandlerAnswer<typeof charToMap, "character.expect"> {
    if (this.#isClosed) return refused("stopping");
    if (!this.#maps.isHosted(character.position.map)) return refused("map-not-hosted");
    const here = this.#players.get(character.accountId);
    if (here !== undefined) {
      // The message was delayed. Meanwhile a newer hand-over of the account has arrived.
      if (isNewer(here, character)) return refused("stale-fence");
      this.#drop(here, "lock-lost");
    }
    if (this.#players.size >= this.#deps.playersMax) return refused("full");
    const player = expectedPlayer(character, this.#host.clock.nowMs());
    // At the deadline of the lock, the char-server ends the lock and sends `character.forget`. This timer
    // removes the player if that message is lost.
    player.stopWaiting = this.#host.clock.after(character.waitMs * 2, () => {
      if (player.phase === "expected") this.#remove(player);
    });
    this.#players.set(player.accountId, player);
    return accepted({});
  }

  forget(of: OfCharacter, reason: KickReason): void {
    const player = this.#find(of);
    if (player !== undefined) this.#drop(player, reason);
  }

  kick(of: OfCharacter, reason: KickReason): boolean {
    const player = this.#find(of);
    if (player === undefined) return false;
    player.kickReason ??= reason;
    // While the player is entering, `enter` handles the reason once the char-server has answered.
    if (player.phase !== "entering") void this.leave(player, "offline", reason);
    return true;
  }

  /**
   * Admits a client if it shows the ids that the char-server announced, and if the char-server then grants
   * the lock.
   */
  async enter(
    client: Client<MapDoor>,
    shown: { accountId: AccountId; charId: number; loginId1: number; sex: Sex },
  ): Promise<Outcome<{ player: Player } & Placed, "not-expected" | "unavailable">> {
    const player = this.#players.get(shown.accountId);
    const isExpected =
      player?.phase === "expected" &&
      player.charId === shown.charId &&
      player.loginId1 === shown.loginId1 &&
      player.sex === shown.sex;
    if (!isExpected) return refused("not-expected");
    player.phase = "entering";
    player.stopWaiting();
    player.stopWaiting = notWaiting;
    player.client = client;
    client.follow(player.trace);
    const entered = await this.#deps.link.enter(player);
    // Meanwhile the player was dropped (the lock or the link is lost), or the server began to stop.
    if ((player.phase as Player["phase"]) !== "entering") return refused("not-expected");
    if (!entered.ok) {
      player.client = null;
      // This server may own the lock, and the char-server may wait for its release, for example during an
      // eviction. If another server owns the lock, the release does nothing.
      void this.leave(player, "offline", null);
      return refused(entered.refusal === "lock-lost" ? "not-expected" : "unavailable");
    }
    player.phase = "playing";
    if (player.kickReason !== null || !client.isConnected) {
      void this.leave(player, "offline", player.kickReason);
      return refused("not-expected");
    }
    this.#host.log.info({ ...marksOf(player), map: player.map, ...introducedAs(client) }, "playing");
    return accepted({ player, ...this.#place(player, player.map, player, isNew(player)) });
  }

  mapOf(player: Player): MapRunner | undefined {
    return this.#maps.runnerOf(player.map);
  }

  /** The name of the account's character, if the player sees it. */
  nameInView(player: Player, accountId: AccountId): string | null {
    const other = this.#players.get(accountId);
    return other?.map === player.map && this.mapOf(player)?.sees(player, other) ? other.name : null;
  }

  /**
   * Saves the player, releases the lock, and then disconnects the client. `reason` is null if the client
   * asked to leave or has disconnected.
   */
  async leave(player: Player, to: "char-select" | "offline", reason: KickReason | null): Promise<void> {
    const leaving = this.#leave(player, to, reason).catch(this.#host.failed);
    this.#leaving.add(leaving);
    await leaving;
    this.#leaving.delete(leaving);
  }

  /**
   * Saves each player that changed and whose last save is older than the autosave period. Disconnects players
   * whose saves have failed for too long.
   */
  autosave(): void {
    const { unsavedMs } = this.#deps;
    const nowMs = this.#host.clock.nowMs();
    for (const player of this.#players.values()) {
      if (player.phase !== "playing" || player.isSaving) continue;
      if (nowMs - (player.unsavedSinceMs ?? nowMs) >= unsavedMs) {
        void this.leave(player, "offline", "save-failed");
        continue;
      }
      if (nowMs - player.savedMs < this.#deps.autosaveMs) continue;
      player.savedMs = nowMs;
      if (isUnsaved(player, this.#stateOf(player))) this.#save(player).catch(this.#host.failed);
    }
  }

  /** Removes all players without a save, because this server no longer owns their locks. */
  dropAll(reason: KickReason): void {
    for (const player of [...this.#players.values()]) this.#drop(player, reason);
  }

  /** Saves all players, if the char-server answers, and disconnects them. */
  async stop(reason: KickReason): Promise<void> {
    this.close();
    for (const player of [...this.#players.values()]) void this.leave(player, "offline", reason);
    await Promise.all(this.#leaving);
    this.#maps.stop();
  }

  async #leave(player: Player, to: "char-select" | "offline", reason: KickReason | null): Promise<void> {
    if (player.phase === "hopping") await player.hop;
    // A second call waits for the first.
    const left = this.#left.get(player) ?? this.#saveAndGo(player, to, reason);
    this.#left.set(player, left);
    await left;
  }

  async #saveAndGo(player: Player, to: "char-select" | "offline", reason: KickReason | null): Promise<void> {
    if (player.phase === "gone") return;
    if (player.phase === "playing") this.#takeFromMap(player);
    player.phase = "leaving";
    const state = this.#stateOf(player);
    const save = isUnsaved(player, state) ? nextSave(player, state) : null;
    const left = await this.#deps.link.leave(player, to, save);
    if (isGone(player)) return;
    const marks = marksOf(player);
    if (left.ok && left.value.isReleased) this.#host.log.info({ ...marks, to, reason }, "left");
    else if (left.ok) this.#host.log.warn({ ...marks, to, reason }, "character lock not given back yet");
    else this.#host.log.error({ ...marks, why: left.refusal }, "final save of a player not stored");
    const { client } = player;
    this.#remove(player);
    const why = reason ?? (left.ok ? null : left.refusal === "lock-lost" ? "lock-lost" : "save-failed");
    if (why !== null) tellKicked(client, why);
  }

  async #save(player: Player): Promise<void> {
    const state = this.#stateOf(player);
    player.saved = null;
    player.isSaving = true;
    const saved = await this.#deps.link.save(player, nextSave(player, state));
    player.isSaving = false;
    const nowMs = this.#host.clock.nowMs();
    player.unsavedSinceMs = saved.ok ? null : (player.unsavedSinceMs ?? nowMs);
    if (saved.ok) player.saved = state;
    // The save of the hop may have overtaken this save, so only the result of the hop matters.
    else if (player.phase === "hopping") return;
    else if (saved.refusal === "lock-lost") return this.#lose(player);
    else this.#host.log.warn({ ...marksOf(player), why: saved.refusal }, "player not saved yet");
    if (saved.ok) return;
    // After `no-link`, save again as soon as there is a link. After another refusal, save again in a few
    // seconds.
    const { autosaveMs } = this.#deps;
    const againMs = saved.refusal === "no-link" ? Number.NEGATIVE_INFINITY : nowMs - autosaveMs + saveRetryMs;
    player.savedMs = Math.min(player.savedMs, againMs);
  }

  /**
   * Disconnects a player whose lock is lost. Still asks the char-server to release the lock: if the lock
   * store records this server as the owner, nothing else would end the lock.
   */
  async #lose(player: Player): Promise<void> {
    const { client } = player;
    const leaving = this.leave(player, "offline", "lock-lost");
    tellKicked(client, "lock-lost");
    await leaving;
  }

  #stateOf(player: Player): CharacterState {
    const { x, y } = this.mapOf(player)?.positionOf(player) ?? player;
    return { position: { map: player.map, x, y }, attributes: player.attributes };
  }

  #place(player: Player, map: string, at: { x: number; y: number }, isNew = false): Placed {
    const runner = this.#maps.runnerOf(map);
    if (runner === undefined) throw new Error(`map ${map} is not hosted here`);
    const { cell, appear } = runner.enter(player, at, isNew);
    player.map = map;
    const { charId, name } = player;
    const { width, height, cells } = runner.map;
    const { stepMs, viewCells } = this.#deps;
    const position = { map, x: cell.x, y: cell.y };
    return { entered: { charId, name, position, width, height, cells, stepMs, viewCells }, appear };
  }

  #warp(player: Player, { to }: Warp): void {
    if (player.phase !== "playing") return;
    if (!this.#maps.isHosted(to.map)) return this.#startHop(player, to);
    this.#takeFromMap(player);
    const { entered, appear } = this.#place(player, to.map, to);
    player.client?.send({ type: "map.changed", ...entered });
    appear();
    if (player.client?.dialect.loadsMaps !== true) this.mapOf(player)?.look(player);
  }

  #startHop(player: Player, to: Position): void {
    player.phase = "hopping";
    player.hop = this.#hop(player, to).catch(this.#host.failed);
  }

  /**
   * Until another map-server has taken the character, the character stays on its cell and belongs to this
   * server.
   */
  async #hop(player: Player, { map, x, y }: Position): Promise<void> {
    const position = { map, x, y };
    const save = nextSave(player, { position, attributes: player.attributes });
    const hopped = await this.#deps.link.hop(player, save);
    if (isGone(player)) return;
    if (hopped.ok) {
      const { client } = player;
      this.#takeFromMap(player);
      this.#remove(player);
      this.#host.log.info({ ...marksOf(player), map }, "player moved to another map-server");
      client?.send({ type: "map.hop", position, ...doorFor(hopped.value, client.remote) });
      client?.disconnect(`went on to ${map}`);
      return;
    }
    player.phase = "playing";
    // The char-server may still carry out the hop later. With `saved` set to null, a newer save follows.
    player.saved = null;
    const why = hopped.refusal;
    this.#host.log.info({ ...marksOf(player), map, why }, "player could not move to another map-server");
    if (why === "map-unavailable" || why === "state-invalid") return;
    // Another server may own the character now. Still ask for the release: if the lock store records this
    // server as the owner, nothing else would end the lock.
    const reason = why === "lock-lost" ? why : "save-failed";
    void this.leave(player, "offline", player.kickReason ?? reason);
  }

  #takeFromMap(player: Player): void {
    const cell = this.mapOf(player)?.leave(player);
    if (cell !== undefined) ({ x: player.x, y: player.y } = cell);
  }

  #find({ accountId, charId, charFence }: OfCharacter): Player | undefined {
    const player = this.#players.get(accountId);
    return player?.charId === charId && player.charFence === charFence ? player : undefined;
  }

  #drop(player: Player, reason: KickReason): void {
    if (player.phase === "playing" || player.phase === "hopping") this.#takeFromMap(player);
    const { client, kickReason } = player;
    this.#host.log.info({ ...marksOf(player), reason }, "player dropped without saving");
    this.#remove(player);
    // A client that was kicked before is told the reason of that kick.
    tellKicked(client, kickReason ?? reason);
  }

  #remove(player: Player): void {
    player.phase = "gone";
    player.stopWaiting();
    player.client = null;
    this.#players.delete(player.accountId);
  }
}

/** The first lock of a character has fence 1, so the character was on no map before. */
const isNew = ({ charFence }: Player): boolean => charFence === 1;

/** A function, because TypeScript would otherwise assume that `phase` is the same after an `await`. */
const isGone = ({ phase }: Player): boolean => phase === "gone";

function tellKicked(client: Client<MapDoor> | null, reason: KickReason): void {
  client?.send({ type: "client.kicked", reason });
  client?.disconnect(`kicked: ${reason}`);
}
