import type { Presence, ServerStatus } from "@sallyport/cluster-protocol";
import type { Dialect } from "@sallyport/dialects";
import { nativeMapDoor } from "@sallyport/dialects/native";
import type { CharId, MapDoor, PublicAddress } from "@sallyport/domain";
import type { Game } from "@sallyport/game-core";
import type { ByteChannel } from "@sallyport/link";
import type { GridMap } from "@sallyport/map-world";
import {
  type ClientBounds,
  ClientDoor,
  type CookieJar,
  type Host,
  LabelledCounts,
  type LabelsOf,
  type LinkCredentials,
  type RoleOrders,
  usualRoleOrders,
} from "@sallyport/server-kit";
import { CharLink } from "./char-link.ts";
import { visitMapServer } from "./client-visit.ts";
import { drain } from "./drain.ts";
import { PlayedGame, type PlayedGameOptions, type WorldOfGame } from "./game/played-game.ts";
import { Gamemasters } from "./gamemaster/gamemaster.ts";
import { Population } from "./population.ts";
import { Scores } from "./scores.ts";
import { StrayMoves } from "./stray-moves.ts";
import { ToldBans } from "./told-bans.ts";
import { type WorldStateDefinitions, WorldStates } from "./world-states.ts";

export interface MapServerDeps {
  readonly maps: ReadonlyMap<string, GridMap>;
  /** Also the maps that only other servers host: a game can warp players there. By default `maps`. */
  readonly worldMaps?: ReadonlyMap<string, GridMap> | undefined;
  readonly connectChar: () => Promise<ByteChannel>;
  readonly cookies?: CookieJar | undefined;
  readonly credentials: LinkCredentials;
  readonly clientBounds: ClientBounds;
  readonly address: PublicAddress;
  /** The game that runs on all maps. If absent, the attributes of characters stay as they are. */
  readonly game?: PlayedGameOptions | undefined;
  /** The state of the world that the game has. If absent, the game has none. */
  readonly worldStates?: WorldStateDefinitions | undefined;
  /** The orders that each role may give. By default as the setting says if it is empty. */
  readonly roleOrders?: RoleOrders;
  readonly playersMax: number;
  readonly stepMs: number;
  readonly viewCells: number;
  readonly autosaveMs: number;
  /** If the saves of a player fail for this many milliseconds, the player is disconnected. */
  readonly unsavedMs?: number;
  /**
   * If a map moves to another server, this server hands over at most this many of its players in a second.
   */
  readonly movesPerSecond?: number | undefined;
  readonly drainAsked?: (() => void) | undefined;
  readonly presenceWith?: (status: ServerStatus) => Presence;
}

export interface MapServer {
  /** Resolves once this server is linked to the char-server. */
  start(): Promise<void>;
  acceptClient(channel: ByteChannel, dialect?: Dialect<MapDoor>): void;
  readonly playerCount: number;
  /** All characters on this server, including those whose last save is not stored yet. */
  readonly charIds: readonly CharId[];
  readonly isLinked: boolean;
  /** Says which map object, or which character here, does not fit the game. Null if all fit. */
  misfitOf(game: Game): string | null;
  /** Goes on with another definition of the game. Throws if the server was created without a game. */
  reload(game: Game): void;
  readonly worldStates: Pick<WorldStates, "get" | "change" | "define">;
  /**
   * Refuses new players, and hands maps and players over to other map-servers. Takes at most `withinMs`.
   * `stop` ends the drain early.
   */
  drain(withinMs: number): Promise<void>;
  /** Saves and disconnects all players, and then closes the link. */
  stop(): Promise<void>;
}

const statusMs = 2_000;
const lookMs = 250;
const autosaveCheckMs = 1_000;
const defaultMovesPerSecond = 100;
const defaultUnsavedMs = 300_000;

export function createMapServer(host: Host, deps: MapServerDeps): MapServer {
  const { clock, log, metrics } = host;
  const { maps, playersMax, stepMs, viewCells, autosaveMs } = deps;
  let phase: "up" | "draining" | "stopped" = "up";
  const link = new CharLink(host, {
    connectChar: deps.connectChar,
    credentials: deps.credentials,
    cookies: deps.cookies,
    address: deps.address,
    maps: [...maps.keys()],
    playersMax,
    host: (hosted) => {
      population.host(hosted);
      log.info({ maps: hosted }, "now hosting these maps");
    },
    drain: () => {
      if (phase === "up") deps.drainAsked?.();
    },
    expect: (character) => population.expect(character),
    forget: (of, reason) => population.forget(of, reason),
    kick: (of, reason) => population.kick(of, reason),
    gamemasters: {
      where: (of) => gamemasters.where(of),
      warp: (of, to) => gamemasters.warp(of, to),
      announce: (announced, map) => gamemasters.announce(announced, map),
    },
    here: () => population.players,
    // This server no longer owns any lock. So the char-server would refuse all saves.
    lost: () => population.dropAll("cluster-link-lost"),
    linked: () => worldStates.readAll(),
    standingChanged: (accountId, standing) => population.standingChanged(accountId, standing),
    bansChanged: (changed) => {
      bans.learn(changed);
      door.putOutBanned();
    },
    worldChanged: (state) => worldStates.noticed(state),
  });
  const bans = new ToldBans(host.wallMs);
  const world: WorldOfGame = {
    get: (key) => worldStates.get(key),
    // A change that is not made has its own log line.
    change: (key, change, input) => void worldStates.change(key, change, input),
    submitScore: (player, score) => scores.submit(player, score),
  };
  const scores = new Scores(host, link);
  const played = deps.game ? new PlayedGame(host, deps.game, world) : null;
  const worldStates: WorldStates = new WorldStates(host, {
    link,
    definitions: played?.worldDefinitions() ?? deps.worldStates ?? {},
    changed: (key, state) => population.worldChanged(key, state),
  });
  const population = new Population(host, {
    game: played,
    worldMaps: deps.worldMaps,
    ...{ maps, link: scores.before(link), playersMax, stepMs, viewCells, autosaveMs },
    unsavedMs: deps.unsavedMs ?? defaultUnsavedMs,
  });
  const gamemasters = new Gamemasters(host, {
    link,
    population,
    roleOrders: deps.roleOrders ?? usualRoleOrders,
  });
  const door = new ClientDoor<MapDoor>(host, {
    door: "map",
    bounds: deps.clientBounds,
    bans: bans.list,
    welcome: (client) => visitMapServer(client, population, gamemasters),
  });
  metrics.watch("players", {}, () => population.count);
  metrics.watchEach("mapPlayers", () => {
    const counts = new LabelledCounts<LabelsOf<"mapPlayers">>();
    for (const map of population.places.maps.hosted) counts.add({ map }, 0);
    for (const { map } of population.players) counts.add({ map }, 1);
    return counts;
  });
  if (played !== null) metrics.watchEach("game", () => [[{ game: played.name }, 1]]);
  metrics.watchEach("mapActors", () => population.places.otherActors.map(([map, count]) => [{ map }, count]));
  const stopAutosave = clock.every(Math.min(autosaveCheckMs, autosaveMs), () => {
    // Without a link no save succeeds.
    if (link.isUp) population.autosave();
  });
  const perSecond = deps.movesPerSecond ?? defaultMovesPerSecond;
  const moves = new StrayMoves(host, { population, perSecond });
  let told = link.state;
  const tell = (): void => {
    told = link.state;
    link.tellStatus(population.count, deps.presenceWith?.(status()) ?? null);
  };
  const stopTellingRegularly = clock.every(statusMs, tell);
  // Report a change of the link at once, because an operator may be waiting for it.
  const stopLooking = clock.every(lookMs, () => {
    if (link.state !== told) tell();
  });
  const stopTelling = (): void => {
    stopTellingRegularly();
    stopLooking();
  };

  function status(): ServerStatus {
    return {
      state: phase === "up" ? "up" : "draining",
      maps: population.places.maps.hosted,
      clients: door.clientCount,
      players: population.count,
      capacity: playersMax,
      links: [{ kind: "char", name: deps.credentials.username, state: link.state }],
    };
  }

  return {
    start: () => link.start(),
    acceptClient: (channel, dialect = nativeMapDoor) => door.accept(channel, dialect),
    get playerCount() {
      return population.count;
    },
    get charIds() {
      return population.players.map(({ charId }) => charId);
    },
    get isLinked() {
      return link.isUp;
    },
    worldStates,
    misfitOf: (game) => played?.misfitOf(game, maps.values(), population.players) ?? null,
    reload(game) {
      population.reload(game);
      worldStates.define(played?.worldDefinitions() ?? {});
    },
    async drain(withinMs) {
      phase = "draining";
      await drain(host, { link, population, withinMs, tell, isStopped: () => phase === "stopped" });
    },
    async stop() {
      phase = "stopped";
      door.close();
      stopAutosave();
      stopTelling();
      moves.stop();
      await population.stop("server-stopping");
      door.stop("stopping");
      await Promise.all([worldStates.stop(), scores.stop()]);
      await link.stop();
    },
  };
}
