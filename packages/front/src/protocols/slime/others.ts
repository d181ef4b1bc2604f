import type { CharId } from "@sallyport/domain";
import type { Actor, GameEvent } from "@sallyport/sdk";
import { close, type Effect, go, type Hears, type Scene, type Step, send } from "../../protocol.ts";
import { looksIn } from "./account.ts";
import type { Rooms } from "./rooms.ts";
import { freePid, ownPid, type Playing, type SlimeState } from "./state.ts";
import type { SlimeTold } from "./told.ts";

/* What a player in a room is told of the others there, and of itself. */

type Stepped = Step<SlimeState, SlimeTold>;
type Effects = readonly Effect<SlimeTold>[];
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
  const pid = kind === "player" && !state.pids.has(charId) ? freePid(state.pids) : null;
  if (pid === null) return { next: state, effects: [] };
  const player = { pid, name, x, y, room: state.room, looks: looksIn(looks) };
  return {
    next: { ...state, pids: new Map(state.pids).set(charId, pid) },
    effects: [send({ type, player })],
  };
}

/** Everybody who is there when the player comes. */
export const withAll = (state: Playing, scene: Scene): Shown =>
  [...scene.actors.values()].reduce<Shown>(
    ({ next, effects }, actor) => {
      const more = shown(next, actor, "present");
      return { next: more.next, effects: [...effects, ...more.effects] };
    },
    { next: state, effects: [] },
  );

/** Puts the client where the server has its player. */
export function put(state: Playing, { room, x, y }: Place): Stepped {
  const next: Playing = { ...state, room, stands: { x, y }, goesTo: null };
  return go<SlimeState, SlimeTold>(next, send({ type: "put", room, x, y }));
}

/** Says goodbye, and ends the connection. */
export const bye = (why: string, reason: string): Stepped =>
  go<SlimeState, SlimeTold>({ at: "leaving" }, send({ type: "bye", reason }), close(why));

function chat(pid: number, text: string): Effects {
  const chars = [...text];
  const parts = Array.from({ length: Math.max(1, Math.ceil(chars.length / chatCharsMax)) }, (_, nth) =>
    chars.slice(nth * chatCharsMax, (nth + 1) * chatCharsMax).join(""),
  );
  return parts.map((part) => send({ type: "chat", pid, text: part }));
}

/** The protocol has no voice of the server. So its words appear above the player itself, and are marked. */
export const notice = (text: string): Effects => chat(ownPid, `*** ${text}`);

const pidOf = (state: Playing, charId: CharId, scene: Scene | null): number | null =>
  charId === scene?.charId ? ownPid : (state.pids.get(charId) ?? null);

/** What the game tells of others, by the names of its events. The fields come from a game, and can be anything. */
const heardFromGame: {
  readonly [name: string]: (
    state: Playing,
    pid: number,
    body: { readonly [key: string]: unknown },
  ) => Effects;
} = {
  "slime.moved": (_, pid, { direction, x, y }) =>
    typeof direction !== "number" || pid === ownPid
      ? []
      : direction === 0
        ? [send({ type: "stopped", pid, x: numberOr(x, 0), y: numberOr(y, 0) })]
        : [send({ type: "moved", pid, direction, x: numberOr(x, null), y: numberOr(y, null) })],
  "slime.typed": (_, pid) => (pid === ownPid ? [] : [send({ type: "typing", pid })]),
  // A throw of the dice comes back to the thrower too: it does not know the number.
  "slime.emoted": (_, pid, { emote, isDice }) =>
    typeof emote !== "number" || (pid === ownPid && isDice !== true)
      ? []
      : [send({ type: "emote", pid, emote })],
};
const numberOr = <Other>(value: unknown, other: Other): number | Other =>
  typeof value === "number" ? value : other;

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
  const next =
    name === "slime.moved" && pid !== ownPid ? { ...state, byKeys: new Set(state.byKeys).add(by) } : state;
  return go<SlimeState, SlimeTold>(next, ...rule(state, pid, fields));
}

/** The player is in another room, or at another place, and its client did not go there by itself. */
function changedMap(rooms: Rooms, state: Playing, scene: Scene | null): Stepped {
  const left = [...state.pids.values()].map((pid) => send<SlimeTold>({ type: "left", pid }));
  const room = scene === null ? undefined : rooms.numberOf(scene.map);
  if (scene === null || room === undefined || scene.unitsPerCell === null)
    return bye("in a place without a room number", "You are in a place that this program cannot show.");
  const { x, y } = scene;
  const alone: Playing = { ...state, pids: new Map(), byKeys: new Set() };
  const wished = state.goesTo ?? { room: state.room, ...state.stands };
  const isThere = wished.room === room && wished.x === x && wished.y === y;
  const { next, effects } = isThere
    ? go<SlimeState, SlimeTold>({ ...alone, room, stands: { x, y } })
    : put(alone, { room, x, y });
  // While the client is on its way, its answer is still to come.
  const still = next.at === "playing" ? { ...next, goesTo: state.goesTo } : next;
  return go<SlimeState, SlimeTold>(still, ...left, ...effects);
}

/** What the map-server tells a player in a room. */
export const heardInRoom = (rooms: Rooms): Hears<SlimeState, Playing, SlimeTold> => ({
  "actor.appeared"(state, actor) {
    const { next, effects } = shown(state, actor, state.goesTo === null ? "came" : "present");
    return go<SlimeState, SlimeTold>(next, ...effects);
  },
  "actor.vanished"(state, { charId }) {
    const pid = state.pids.get(charId);
    if (pid === undefined) return go(state);
    const pids = new Map([...state.pids].filter(([each]) => each !== charId));
    const byKeys = new Set([...state.byKeys].filter((each) => each !== charId));
    return go<SlimeState, SlimeTold>({ ...state, pids, byKeys }, send({ type: "left", pid }));
  },
  "actor.moved"(state, { charId, x, y }) {
    const pid = state.byKeys.has(charId) ? undefined : state.pids.get(charId);
    return pid === undefined
      ? go(state)
      : go<SlimeState, SlimeTold>(state, send({ type: "stopped", pid, x, y }));
  },
  "actor.said"(state, { charId, text }, scene) {
    const pid = pidOf(state, charId, scene);
    return pid === null ? go(state) : go<SlimeState, SlimeTold>(state, ...chat(pid, text));
  },
  announced: (state, { text }) => go<SlimeState, SlimeTold>(state, ...notice(text)),
  "game.event": (state, event, scene) => fromGame(state, event, scene),
  "map.changed": (state, _, scene) => changedMap(rooms, state, scene),
});
