import type { CharId } from "@sallyport/domain";
import type { Actor, GameEvent } from "@sallyport/sdk";
import { type Effect, type Hears, type Scene, send } from "../../protocol.ts";
import { looksIn } from "./account.ts";
import { type Keys, OthersHere, ownPid } from "./others-here.ts";
import type { Rooms } from "./rooms.ts";
import { keyIn, type Spot } from "./said.ts";
import type { Playing, SlimeState } from "./state.ts";
import { bye, type Effects, go, nowhere, type Stepped } from "./step.ts";
import type { SlimeTold } from "./told.ts";

/* What a player in a room is told of the others there, and of itself. */

type Place = { readonly room: number; readonly x: number; readonly y: number };

/** The longest text that a client shows. Lines of other protocols can be longer, and come in parts. */
export const chatCharsMax = 100;

interface Shown {
  readonly next: Playing;
  readonly effects: Effects;
}

/** `type` says whether the player has come just now. Only players are shown. */
function shown(
  state: Playing,
  { kind, charId, name, x, y, shown: looks }: Actor,
  type: "came" | "present",
): Shown {
  const isNew = kind === "player" && state.others.of(charId) === undefined;
  const numbered = isNew ? state.others.with(charId) : null;
  if (numbered === null) return { next: state, effects: [] };
  const { pid, others } = numbered;
  const player = { pid, name, x, y, room: state.room, looks: looksIn(looks) };
  return { next: { ...state, others }, effects: [send({ type, player })] };
}

/** Everybody who is there when the player comes. */
export function withAll(state: Playing, scene: Scene): Shown {
  let next = state;
  const effects: Effect<SlimeTold>[] = [];
  for (const actor of scene.actors.values()) {
    const more = shown(next, actor, "present");
    next = more.next;
    effects.push(...more.effects);
  }
  return { next, effects };
}

/** Puts the client where the server has its player. */
export function put(state: Playing, { room, x, y }: Place): Stepped {
  const next: Playing = { ...state, room, stands: { x, y }, goesTo: null, judged: null };
  return go(next, send({ type: "put", room, x, y }));
}

/** Each part of the text begins with the mark. */
function chat(pid: number, text: string, mark = ""): Effects {
  const chars = [...text];
  const most = chatCharsMax - mark.length;
  const parts = Array.from({ length: Math.max(1, Math.ceil(chars.length / most)) }, (_, nth) =>
    chars.slice(nth * most, (nth + 1) * most).join(""),
  );
  return parts.map((part) => send({ type: "chat", pid, text: mark + part }));
}

/** The protocol has no voice of the server. So its words appear above the player itself, and are marked. */
export const notice = (text: string): Effects => chat(ownPid, text, "*** ");

const pidOf = (state: Playing, charId: CharId, scene: Scene | null): number | null =>
  charId === scene?.charId ? ownPid : (state.others.of(charId)?.pid ?? null);

/** What the game tells of others, by the names of its events. The fields come from a game, and can be anything. */
const heardFromGame: {
  readonly [name: string]: (
    state: Playing,
    by: CharId,
    pid: number,
    body: { readonly [key: string]: unknown },
  ) => Stepped;
} = {
  "slime.moved": keyed,
  "slime.typed": (state, _, pid) => (pid === ownPid ? go(state) : go(state, send({ type: "typing", pid }))),
  // A throw of the dice comes back to the thrower too: it does not know the number.
  "slime.emoted": (state, _, pid, { emote, isDice }) =>
    typeof emote !== "number" || (pid === ownPid && isDice !== true)
      ? go(state)
      : go(state, send({ type: "emote", pid, emote })),
};

function keyed(state: Playing, by: CharId, pid: number, body: { readonly [key: string]: unknown }): Stepped {
  const key = pid === ownPid ? null : keyIn(body);
  if (key === null) return go(state);
  const { direction, x, y } = key;
  const hasPlace = x !== null && y !== null;
  const at = hasPlace ? { x, y } : (state.others.of(by)?.keys?.at ?? null);
  const others = state.others.keyed(by, { at, runs: running.has(direction) ? direction : null });
  const told: SlimeTold =
    direction === 0 && hasPlace ? { type: "stopped", pid, x, y } : { type: "moved", pid, direction, x, y };
  return go({ ...state, others }, send(told));
}
/** The keys left and right, pressed on the ground. */
const running: ReadonlySet<number> = new Set([1, 2]);

/**
 * The step of a player that tells of keys is mostly the place of its last key, which the client knows. Any
 * other place is told: the key may have named a wrong one. A player that runs goes on from there.
 */
function stepped(state: Playing, charId: CharId, { runs, at }: Keys, pid: number, { x, y }: Spot): Stepped {
  if (at !== null && at.x === x && at.y === y) return go(state);
  const others = state.others.keyed(charId, { runs, at: { x, y } });
  const told: SlimeTold =
    runs === null ? { type: "stopped", pid, x, y } : { type: "moved", pid, direction: runs, x, y };
  return go({ ...state, others }, send(told));
}

function fromGame(
  state: Playing,
  { name, body }: Extract<GameEvent, { type: "game.event" }>,
  scene: Scene | null,
): Stepped {
  const rule = Object.hasOwn(heardFromGame, name) ? heardFromGame[name] : undefined;
  if (rule === undefined || typeof body !== "object" || body === null) return go(state);
  const fields = body as { readonly [key: string]: unknown };
  const by = fields["by"] as CharId;
  const pid = pidOf(state, by, scene);
  if (pid === null) return go(state);
  return rule(state, by, pid, fields);
}

/** The player is in another room, or at another place, and its client did not go there by itself. */
function changedMap(rooms: Rooms, state: Playing, scene: Scene | null): Stepped {
  const left = state.others.pids.map((pid) => send<SlimeTold>({ type: "left", pid }));
  const room = scene === null ? undefined : rooms.numberOf(scene.map);
  if (scene === null || room === undefined || scene.unitsPerCell === null)
    return bye("in a place without a room number", nowhere);
  const { x, y } = scene;
  const alone: Playing = { ...state, others: OthersHere.none, judged: null };
  const wished = state.goesTo ?? { room: state.room, ...state.stands };
  const isThere = wished.room === room && wished.x === x && wished.y === y;
  const { next, effects } = isThere ? go({ ...alone, room, stands: { x, y } }) : put(alone, { room, x, y });
  // While the client is on its way, its answer is still to come.
  const still = next.at === "playing" ? { ...next, goesTo: state.goesTo } : next;
  return go(still, ...left, ...effects);
}

/** What the map-server tells a player in a room. */
export const heardInRoom = (rooms: Rooms): Hears<SlimeState, Playing, SlimeTold> => ({
  "actor.appeared"(state, actor) {
    const { next, effects } = shown(state, actor, state.goesTo === null ? "came" : "present");
    return go(next, ...effects);
  },
  "actor.vanished"(state, { charId }) {
    const pid = state.others.of(charId)?.pid;
    if (pid === undefined) return go(state);
    const others = state.others.without(charId);
    return go({ ...state, others }, send({ type: "left", pid }));
  },
  "actor.moved"(state, { charId, x, y }) {
    const other = state.others.of(charId);
    if (other === undefined) return go(state);
    const { pid, keys } = other;
    return keys === null
      ? go(state, send({ type: "stopped", pid, x, y }))
      : stepped(state, charId, keys, pid, { x, y });
  },
  "actor.said"(state, { charId, text }, scene) {
    const pid = pidOf(state, charId, scene);
    return pid === null ? go(state) : go(state, ...chat(pid, text));
  },
  announced: (state, { text, from }) =>
    go(state, ...notice(from === null ? `Announcement: ${text}` : `${from} announces: ${text}`)),
  "game.event": (state, event, scene) => fromGame(state, event, scene),
  "map.changed": (state, _, scene) => changedMap(rooms, state, scene),
});
