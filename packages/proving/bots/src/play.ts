import { distanceCells, type MapEntered, type Position } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import type { Clock, Game, Refusal } from "@sallyport/sdk";
import { GameWatch, type Target } from "./game-watch.ts";
import type { Stop } from "./stop.ts";
import { Fault, type Tally } from "./tally.ts";

export interface PlayOptions {
  readonly game: Game;
  readonly random: Random;
  readonly tally: Tally<string>;
  readonly stop: Stop;
  readonly clock: Clock;
  readonly walksMax: number;
  /** Creates the error that describes a refusal or a lost connection. */
  readonly faultOf: (at: string, refusal: Refusal) => Fault;
}

/**
 * The bot last saw its character at `position`. Since then, the character has walked at most `stepsMax`
 * steps.
 */
export interface LastSeen {
  readonly position: Position;
  readonly stepsMax: number;
}

const walkCells = 5;
const echoMs = 10_000;
const floor = 0;
const warp = 2;

/** Plays for a short while: walks about, sometimes speaks, and checks the events that come back. */
export async function play(options: PlayOptions): Promise<LastSeen> {
  const { game, random, stop, walksMax, clock } = options;
  const watch = new GameWatch(game, clock);
  const walks = random.whole(Math.min(1, walksMax), walksMax);
  for (let walk = 1; walk <= walks && !stop.isAsked; walk += 1) {
    if (random.chance(0.4)) await speak(options, watch, `step ${walk} of ${walks}`);
    const leavesMidWay = walk === walks && random.chance(0.3);
    await walkAbout(options, watch, leavesMidWay);
  }
  return { position: game.position, stepsMax: watch.stepsLeft };
}

async function speak(options: PlayOptions, watch: GameWatch, text: string): Promise<void> {
  const { game, stop, tally, faultOf } = options;
  const said = await game.say(text);
  if (!said.ok && said.retryAfterMs !== undefined) return tally.refuse("say", said.refusal);
  if (!said.ok) throw faultOf("say", said.refusal);
  const waited = await watch.until(() => watch.takeHeard(text), { withinMs: echoMs, stop });
  if (waited === "over") throw faultOf("say", "disconnected");
  if (waited === "timed-out") throw new Fault("chat not echoed", `"${text}" was taken, and not heard`);
}

async function walkAbout(options: PlayOptions, watch: GameWatch, leavesMidWay: boolean): Promise<void> {
  const { game, random, stop, tally, faultOf } = options;
  const { place } = game;
  const target = pickTarget(place, game.position, random);
  if (target === null) return;
  const nearWarp = seesWarp(place, game.position);
  watch.aim(target);
  const walk = await game.walk(target.x, target.y);
  watch.answered(walk.ok ? walk.value.steps : null);
  if (!walk.ok) {
    if (walk.refusal !== "no-path" && walk.retryAfterMs === undefined) throw faultOf("walk", walk.refusal);
    return tally.refuse("walk", walk.refusal);
  }
  // If the path may cross a warp, a character that leaves halfway could be on either map.
  if (leavesMidWay && !nearWarp) return;
  const withinMs = walk.value.steps * place.stepMs * 2 + 10_000;
  const waited = await watch.until(() => watch.hasArrived, { withinMs, stop });
  if (waited === "over") throw faultOf("walk", "disconnected");
  if (waited === "timed-out") {
    const { x, y } = game.position;
    // No map-server hosts the map to which the warp leads, so the character stays on the warp.
    if (cellAt(place, x, y) === warp) return tally.refuse("warp", "map-unavailable");
    const far = `${walk.value.steps} steps to ${target.x},${target.y}`;
    throw new Fault("walk not finished", `${far}, still at ${x},${y} after ${withinMs} ms`);
  }
}

function pickTarget(place: MapEntered, from: Position, random: Random): Target | null {
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const x = from.x + random.whole(-walkCells, walkCells);
    const y = from.y + random.whole(-walkCells, walkCells);
    const cell = cellAt(place, x, y);
    if ((x !== from.x || y !== from.y) && (cell === floor || cell === warp)) {
      return { x, y, isWarp: cell === warp };
    }
  }
  return null;
}

function cellAt({ width, height, cells }: MapEntered, x: number, y: number): number | undefined {
  return x >= 0 && y >= 0 && x < width && y < height ? cells[y * width + x] : undefined;
}

/**
 * A path may lead around walls. So this function also finds warps that are a little farther away than the
 * target.
 */
function seesWarp(place: MapEntered, { x, y }: Position): boolean {
  const reach = walkCells * 3;
  for (let row = y - reach; row <= y + reach; row += 1) {
    for (let column = x - reach; column <= x + reach; column += 1) {
      if (cellAt(place, column, row) === warp) return true;
    }
  }
  return false;
}

/** Whether the character may have walked to the saved position from the place where the bot last saw it. */
export function isWithin(saved: Position, { position, stepsMax }: LastSeen): boolean {
  if (saved.map !== position.map) return false;
  return distanceCells(saved, position) <= stepsMax;
}

export const describePosition = ({ map, x, y }: Position): string => `${map} ${x},${y}`;
