import type { CharacterState, Json, MapEntered, Position, ReportedMovement } from "@sallyport/domain";
import type { Game } from "@sallyport/game-core";
import { type Cell, type GridMap, isWithin, middleOf } from "@sallyport/map-world";
import { detailCharsMax } from "@sallyport/wire";
import type { PlayedGame, PlayersOfGame } from "./game/played-game.ts";
import type { RunningGame } from "./game/running-game.ts";
import { HostedMaps } from "./hosted-maps.ts";
import type { Defer, MapRunner, RunnerHost } from "./map-runner.ts";
import type { Player } from "./player.ts";

export interface PlacesDeps {
  readonly maps: ReadonlyMap<string, GridMap>;
  /** Also the maps that only other servers host. By default `maps`. */
  readonly worldMaps?: ReadonlyMap<string, GridMap> | undefined;
  /** If absent, no game runs here. */
  readonly game?: PlayedGame | null;
  readonly stepMs: number;
  readonly viewCells: number;
  /** By default a microtask. */
  readonly defer?: Defer;
}

/** Stands for the rooms that a detail has no place for. */
const more = ", …";

/** Where the players of this server are, and the games there. */
export class Places {
  readonly #deps: PlacesDeps;
  readonly #misfit: PlayersOfGame["misfit"];
  readonly maps: HostedMaps;

  constructor(
    host: RunnerHost,
    deps: PlacesDeps,
    players: PlayersOfGame & { warped(player: Player, to: Position): void },
  ) {
    this.#deps = deps;
    this.#misfit = players.misfit;
    const { maps, stepMs, viewCells, game, defer = queueMicrotask } = deps;
    const options = {
      ...{ stepMs, viewCells, defer },
      warped: (player: Player, { to }: { readonly to: Position }) => players.warped(player, to),
    };
    const ofGame = {
      ...{ defer, misfit: players.misfit },
      warp: (player: Player, to: Position) => players.warp(player, this.#inUnits(to)),
    };
    this.maps = new HostedMaps(host, maps, options, (runner) => game?.begin(runner, ofGame) ?? null);
  }

  /** A game names a cell. Everything else names a position in the units of the map. */
  #inUnits(to: Position): Position {
    const { maps, worldMaps = maps } = this.#deps;
    const map = worldMaps.get(to.map);
    return map === undefined ? to : { map: to.map, ...middleOf(map, to) };
  }

  /**
   * Returns where a character appears in an open room. Null if the world has no open room with this name. On a map
   * whose clients report where they are, that is the wish `at`, if it is on the map.
   */
  openRoom(name: string, at: Cell | null = null): Position | null {
    const { maps, worldMaps = maps } = this.#deps;
    const map = worldMaps.get(name);
    if (map?.isOpen !== true) return null;
    const { movement, width, height } = map;
    const unitsPerCell = movement.kind === "reported" ? movement.unitsPerCell : 0;
    const size = { width: width * unitsPerCell, height: height * unitsPerCell };
    return at !== null && isWithin(at.x, at.y, size)
      ? { map: name, x: at.x, y: at.y }
      : this.#inUnits({ map: name, ...map.spawn });
  }

  /** Names of the open rooms of the world for people, in the order of the alphabet. Null if there is none. */
  openRooms(): string | null {
    const { maps, worldMaps = maps } = this.#deps;
    const names = [...worldMaps.values()].filter(({ isOpen }) => isOpen).map(({ name }) => name);
    if (names.length === 0) return null;
    const all = names.sort().join(", ");
    if (all.length <= detailCharsMax) return all;
    return all.slice(0, all.lastIndexOf(", ", detailCharsMax - more.length)) + more;
  }

  mapOf({ map }: Player): MapRunner | undefined {
    return this.maps.runnerOf(map);
  }

  gameOf({ map }: Player): RunningGame | undefined {
    return this.maps.gameOn(map);
  }

  /** The caller must send the result to the client, and then call `appear`. */
  place(player: Player, map: string, at: { x: number; y: number }, isNew = false): MapEntered {
    const runner = this.maps.runnerOf(map);
    if (runner === undefined) throw new Error(`map ${map} is not hosted here`);
    const cell = runner.enter(player, at, isNew);
    player.map = map;
    const { charId, name } = player;
    const { width, height, cells, isRoom } = runner.map;
    const { stepMs, viewCells } = this.#deps;
    const position = { map, x: cell.x, y: cell.y };
    const ground = {
      width,
      height,
      cells,
      stepMs,
      viewCells,
      movement: reportedMovement(runner.map),
      isRoom,
    };
    return { charId, name, position, ...ground };
  }

  /** Shows the player to the game and to others, and shows the others to a client that needs no time to load. */
  appear(player: Player): void {
    const runner = this.mapOf(player);
    if (runner?.find(player.charId) !== player) return;
    const show = (): void => {
      if (runner.appear(player) && player.client?.dialect.loadsMaps !== true) runner.look(player);
    };
    const game = this.gameOf(player);
    if (game === undefined) show();
    else game.entered(player, show);
  }

  /** Takes the player off its map. */
  take(player: Player): void {
    const runner = this.mapOf(player);
    // The game must learn of the player's last step before it learns that the player has left.
    runner?.advance();
    this.gameOf(player)?.left(player);
    const cell = runner?.leave(player);
    if (cell !== undefined) ({ x: player.x, y: player.y } = cell);
  }

  stateOf(player: Player): CharacterState {
    const { x, y } = this.mapOf(player)?.positionOf(player) ?? player;
    return { position: { map: player.map, x, y }, attributes: player.attributes };
  }

  /** The number of actors that are no players, for each map that runs here. */
  get otherActors(): readonly (readonly [map: string, count: number])[] {
    return this.maps.runners.map(({ map, otherCount }) => [map.name, otherCount]);
  }

  /** Called when this server learns a state of the world. */
  worldChanged(key: string, state: Json): void {
    for (const game of this.maps.games) game.worldChanged(key, state);
  }

  /** Goes on with another definition of the game. `others` are players that are on no map. */
  reload(game: Game, others: Iterable<Player>): void {
    const played = this.#deps.game;
    if (!played) throw new Error("no game runs here, so none can be reloaded");
    played.reload(game);
    for (const running of this.maps.games) running.reload(game);
    for (const player of others) {
      const loading = played.load(player.attributes);
      if (!loading.ok) this.#misfit(player, loading.reason);
      else {
        player.character = loading.character;
        player.attributes = loading.character.attributes;
      }
    }
  }
}

function reportedMovement({ movement }: GridMap): ReportedMovement | null {
  if (movement.kind === "walked") return null;
  const { unitsPerCell, greatestSpeed } = movement;
  return { unitsPerCell, greatestSpeed };
}
