import { actorNamed } from "./actors.ts";
import type { Effect } from "./effect.ts";
import type { MapState } from "./map-state.ts";
import { afterRestMs, think } from "./minds.ts";
import { Recorder } from "./recorder.ts";
import { runHandler } from "./run-handler.ts";
import type { At } from "./view.ts";

/**
 * Runs what is due: timers in the order of their times, then the tick, then the monsters. A timer that starts
 * here waits for the next call, even if it is due at once.
 */
export function runDue(state: MapState, at: At): readonly Effect[] {
  return [...runTimers(state, at), ...runTick(state, at), ...runMinds(state, at)];
}

function runTimers(state: MapState, at: At): readonly Effect[] {
  const due = [...state.timers].filter(([, { atMs }]) => atMs <= at.nowMs);
  due.sort(([a, { atMs: aMs }], [b, { atMs: bMs }]) => aMs - bMs || a - b);
  return due.flatMap(([key, { name, data }]) => {
    state.timers.delete(key);
    const timer = state.game.definition.timers?.[name];
    return runOn(state, at, `timers.${name}`, (it) => timer?.run(it, data));
  });
}

function runTick(state: MapState, at: At): readonly Effect[] {
  const { tick } = state.game.definition;
  const dueMs = state.counters.get("tick");
  if (tick === undefined || dueMs === undefined || dueMs > at.nowMs) return [];
  // Ticks that a late caller missed are left out, so that they do not come all at once.
  const nextMs = dueMs + tick.everyMs;
  state.counters.set("tick", nextMs > at.nowMs ? nextMs : at.nowMs + tick.everyMs);
  return runOn(state, at, "tick.run", (it) => tick.run(it));
}

function runMinds(state: MapState, at: At): readonly Effect[] {
  if (state.players.size === 0) return [];
  const due = [...state.minds].filter(([, atMs]) => atMs <= at.nowMs);
  return due.flatMap(([id, dueMs]) => {
    const actor = state.actors.get(id);
    const definition = actor && actorNamed(state.game, actor.name);
    if (actor === undefined || definition?.kind !== "monster" || definition.mind === undefined) return [];
    const rhythmMs = afterRestMs(definition.mind, dueMs, at.nowMs);
    const { effects, nextMs } =
      rhythmMs === null ? think(state, at, actor, definition.mind) : { effects: [], nextMs: rhythmMs };
    state.minds.set(id, nextMs);
    return effects;
  });
}

function runOn(state: MapState, at: At, handler: string, run: (it: Recorder) => unknown): readonly Effect[] {
  const ran = runHandler(state, at, handler, (transaction) => run(new Recorder(transaction)));
  return ran.type === "refused" ? [] : ran.effects;
}
