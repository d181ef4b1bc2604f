import { MisfitError } from "../character/character-state.ts";
import { freeze } from "../character/json.ts";
import { GameError, validate } from "../schema/validate.ts";
import type { MapState } from "./map-state.ts";
import type { Transaction } from "./transaction.ts";

/** How many timers of one map can run at the same time. */
const timersMax = 10_000;
/** The longest time of a timer: 30 days. A map-server seldom runs longer, and timers end with it. */
const timerMsMax = 30 * 86_400_000;

export function startTimer(transaction: Transaction, ms: number, name: string, data: unknown): void {
  const { state, journal, at } = transaction;
  journal.checkOpen();
  const timers = state.game.definition.timers ?? {};
  const timer = Object.hasOwn(timers, name) ? timers[name] : undefined;
  if (timer === undefined) throw new GameError(`after: the game has no timers.${name}`);
  if (!(ms >= 0 && ms <= timerMsMax)) throw new GameError(`after: ${ms} ms is not from 0 ms to 30 days`);
  if (state.timers.size >= timersMax) throw new GameError(`after: ${timersMax} timers run already`);
  const validated = timer.data === null ? undefined : validate(timer.data, data);
  if (validated?.ok === false) throw new MisfitError(`after: timers.${name}: ${validated.problem}`);
  const key = state.counters.get("timer") ?? 0;
  journal.put(state.counters, "timer", key + 1);
  journal.put(state.timers, key, { atMs: at.nowMs + ms, name, data: freeze(validated?.value) });
}

/** The time of the first timer, tick or monster that is due. Null if nothing is to come. */
export function nextDueMs({ timers, minds, players, counters }: MapState): number | null {
  let next = counters.get("tick") ?? Number.POSITIVE_INFINITY;
  for (const { atMs } of timers.values()) next = Math.min(next, atMs);
  // Nobody sees the monsters of an empty map, so they rest.
  if (players.size > 0) for (const atMs of minds.values()) next = Math.min(next, atMs);
  return Number.isFinite(next) ? next : null;
}
