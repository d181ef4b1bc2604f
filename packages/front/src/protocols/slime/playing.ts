import { cleanChat, isChat, type JsonObject } from "@sallyport/domain";
import { ask, type Effect, hear, type Moment, type Scene, send, type Table } from "../../protocol.ts";
import { stoppingOnMap } from "../farewells.ts";
import { gameMoment } from "./account.ts";
import { chatCharsMax, heardInRoom, notice, put } from "./others.ts";
import type { Rooms } from "./rooms.ts";
import type { KeyMove, SlimeSaid, Spot } from "./said.ts";
import type { Playing, SlimeState } from "./state.ts";
import { bye, go, gone, type Stepped } from "./step.ts";
import type { SlimeTold } from "./told.ts";

/* What a player says in a room, and what happens there by the clock. */

/** Junk of a client that has logged in is passed over, until the third. */
const strikesMax = 3;
/** A client of the original ends after 30 s without a ping. */
const pingEveryMs = 20_000;
/** A ping within this time after one of this end is the answer to it, and is not answered again. */
const pingAnswerMs = 10_000;
const idleMs = 300_000;
/** Lines of chat within this time. Further ones are passed over. */
const chats = { most: 10, withinMs: 10_000 };
/** Changes of room within this time. Everybody in both rooms is told of each. Further ones put the client back. */
const roomChanges = { most: 3, withinMs: 3_000 };

type Said<T extends SlimeSaid["type"]> = Extract<SlimeSaid, { readonly type: T }>;
type Rules = {
  readonly [T in SlimeSaid["type"]]: (
    state: Playing,
    said: Said<T>,
    scene: Scene | null,
    now: Moment,
  ) => Stepped;
};

const command = (state: Playing, name: string, input: JsonObject): readonly Effect<SlimeTold>[] =>
  state.hasGame ? [ask({ type: "command", name, input })] : [];

/** Tells others of a key. Its place, if it has one, is a place that the map-server has accepted. */
const tellKey = (state: Playing, { direction, x, y }: KeyMove): Stepped =>
  go({ ...state, judged: null, key: "told" }, ...command(state, "slime.move", { direction, x, y }));

/** Tells others of something that is no key. */
const show = (state: Playing, name: string, input: JsonObject): Stepped =>
  go({ ...state, key: state.key === "lost" ? "lost" : "none" }, ...command(state, name, input));

const within = (times: readonly number[], withinMs: number, nowMs: number): readonly number[] =>
  times.filter((atMs) => nowMs - atMs < withinMs);

const report = ({ x, y }: Spot): Effect<SlimeTold> => ask({ type: "report", x, y });

function strike(state: Playing, why: string): Stepped {
  const strikes = state.strikes + 1;
  return strikes >= strikesMax ? gone(`junk for the third time: ${why}`) : go({ ...state, strikes });
}

const outOfTurn = (state: Playing, { type }: SlimeSaid): Stepped => strike(state, `${type} after the login`);

const rulesFor = (rooms: Rooms): Rules => ({
  register: outOfTurn,
  login: outOfTurn,
  junk: (state, { why }) => strike(state, why),
  unknown: (state) => go(state),

  // A client of the original answers each ping with a ping. If this end did the same, that would never stop.
  ping(state, _, _scene, { nowMs }) {
    const { pingedAtMs } = state;
    if (pingedAtMs !== null && nowMs - pingedAtMs < pingAnswerMs) return go({ ...state, pingedAtMs: null });
    return go({ ...state, pingedAtMs: nowMs }, send({ type: "ping" }));
  },
  "ping-request": (state) => go(state, send({ type: "ping-answer" })),

  place: (state, { x, y }) => go({ ...state, stands: { x, y } }, report({ x, y })),
  // The map-server judges the place first. Else a client could be shown anywhere.
  stop: (state, { x, y }) =>
    go({ ...state, stands: { x, y }, judged: { direction: 0, x, y } }, report({ x, y })),
  move(state, { direction, x, y }) {
    const key = { direction, x, y };
    return x === null || y === null
      ? tellKey(state, key)
      : go({ ...state, stands: { x, y }, judged: key }, report({ x, y }));
  },

  room(state, { room, x, y }, _, { nowMs }) {
    const map = rooms.mapOf(room);
    if (map === undefined) return put(state, { room: state.room, ...state.stands });
    if (room === state.room) return go({ ...state, stands: { x, y } }, report({ x, y }));
    const lately = within(state.roomsAtMs, roomChanges.withinMs, nowMs);
    if (lately.length >= roomChanges.most) return put(state, { room: state.room, ...state.stands });
    const next: Playing = { ...state, goesTo: { room, x, y }, roomsAtMs: [...lately, nowMs] };
    return go(next, ask({ type: "enter-room", map, at: { x, y } }));
  },

  chat(state, { text }, _, { nowMs }) {
    if ([...text].length > chatCharsMax) return strike(state, "chat that is too long");
    const lately = within(state.chatsAtMs, chats.withinMs, nowMs);
    const clean = cleanChat(text);
    if (lately.length >= chats.most || !isChat(clean)) return go({ ...state, chatsAtMs: lately });
    const next: Playing = { ...state, chatsAtMs: [...lately, nowMs] };
    return go(next, ask({ type: "say", text: clean }));
  },
  typing: (state) => show(state, "slime.type", {}),
  emote: (state, { emote }) => show(state, "slime.emote", { emote }),

  // The client takes an answer for a save that is done. So it gets one only then, and none if it is refused.
  save: (state) => go(state, ask({ type: "save" })),
  logout: () => go({ at: "leaving" }, ask({ type: "leave" })),
});

/** Pings, the clock of the game, and clients that have gone silent. */
function ticked(state: Playing, scene: Scene | null, { nowMs, wallMs }: Moment): Stepped {
  if (nowMs - state.heardAtMs >= idleMs)
    return bye("silent for too long", "Nothing was heard from you for too long.");
  const isPing = nowMs - state.pingsAtMs >= pingEveryMs;
  const told = gameMoment(wallMs);
  const parts = [
    [1, told.hour, state.told.hour],
    [2, told.minute, state.told.minute],
    [3, told.day, state.told.day],
  ] as const;
  const changes = parts.filter(([, now, before]) => now !== before);
  // The lost key may have been released since. The place where the player stands is right in either case.
  const stop =
    state.key === "lost" && scene !== null ? tellKey(state, { direction: 0, x: scene.x, y: scene.y }) : null;
  const next: Playing = {
    ...state,
    told,
    ...(isPing && { pingsAtMs: nowMs, pingedAtMs: nowMs }),
    ...(stop && { key: "told" }),
  };
  return go(
    next,
    ...(isPing ? [send<SlimeTold>({ type: "ping" })] : []),
    ...changes.map(([part, value]) => send<SlimeTold>({ type: "time", part, value })),
    ...(stop?.effects ?? []),
  );
}

/** Where the map-server has the player. */
function back(rooms: Rooms, state: Playing, scene: Scene | null): Stepped {
  const room = scene === null ? undefined : rooms.numberOf(scene.map);
  return scene === null || room === undefined ? go(state) : put(state, { room, x: scene.x, y: scene.y });
}

/** The map-server did not judge the place of the key. So others learn of the key with the last accepted place. */
function unjudged(state: Playing, scene: Scene | null): Stepped {
  const { judged } = state;
  if (judged === null || scene === null) return go({ ...state, judged: null });
  return tellKey(state, { direction: judged.direction, x: scene.x, y: scene.y });
}

/** After these refusals the client is not where it says. A client that only reports too often nearly is. */
const displaced: ReadonlySet<string> = new Set(["too-fast", "outside", "not-reported"]);

export function playingRules(rooms: Rooms): Table<SlimeState, SlimeSaid, SlimeTold>["playing"] {
  const rules = rulesFor(rooms);
  const heard = heardInRoom(rooms);
  return {
    said(state, { message }, scene, now) {
      // The compiler cannot see that this rule belongs to this message.
      const rule = rules[message.type] as (
        state: Playing,
        said: SlimeSaid,
        scene: Scene | null,
        now: Moment,
      ) => Stepped;
      return rule({ ...state, heardAtMs: now.nowMs }, message, scene, now);
    },
    done(state, { of }) {
      if (of === "enter-room") return go({ ...state, goesTo: null });
      if (of === "save") return go(state, send({ type: "saved" }));
      return of === "report" && state.judged !== null ? tellKey(state, state.judged) : go(state);
    },
    refused(state, { of, refusal, sentence }, scene) {
      if (of === "enter-room") return back(rooms, state, scene);
      if (of === "report")
        return displaced.has(refusal)
          ? back(rooms, { ...state, judged: null }, scene)
          : unjudged(state, scene);
      if (of === "say") return go(state, ...notice(sentence));
      if (of === "save") return go(state);
      const key = refusal === "too-many" && state.key === "told" ? "lost" : state.key;
      return go({ ...state, key, hasGame: state.hasGame && refusal !== "unknown-command" });
    },
    heard: (state, { event }, scene) => hear(heard, state, event, scene),
    ended(_, { reason, sentence }) {
      const isElsewhere = reason === "logged-in-elsewhere";
      return bye(`ended: ${reason}`, isElsewhere ? "Logged in from another location" : sentence);
    },
    late: (state) => go(state),
    tick: (state, _, scene, now) => ticked(state, scene, now),
    stopping: () => bye("the front stops", stoppingOnMap),
  };
}
