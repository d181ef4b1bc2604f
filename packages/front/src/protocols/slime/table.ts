import { describeRefusal } from "@sallyport/sdk";
import { ask, type FrontEvent, type Moment, type Scene, send, type Table } from "../../protocol.ts";
import { stopping } from "../farewells.ts";
import { characterFor, isNameRefused, namesFor, worldOf } from "../first-steps.ts";
import { type Account, characterIn, gameMoment } from "./account.ts";
import { deviceOf } from "./device.ts";
import { withAll } from "./others.ts";
import { OthersHere, ownPid } from "./others-here.ts";
import { endedCase, loginCase, loginCases, registered, registerResult } from "./results.ts";
import type { Rooms } from "./rooms.ts";
import type { SlimeSaid } from "./said.ts";
import type { Playing, SlimeState } from "./state.ts";
import { bye, go, gone, nowhere, type Stepped } from "./step.ts";
import type { SlimeTold } from "./told.ts";

/*
 * The protocol 0.106, from REGISTER or LOGIN to the end. Everything before the login is in this file; what a
 * player says and hears in a room is in `playing.ts`.
 */

export interface SlimeRules {
  readonly rooms: Rooms;
  /** The world of the rooms. Null: the first one by its name. */
  readonly world: string | null;
  readonly motd: string;
  /** Whether an unknown name is told from a wrong password, where registration is open. */
  readonly saysNoAccount: boolean;
}

const protocolVersion = "0.106";

type Event<T extends FrontEvent<SlimeSaid>["type"]> = Extract<FrontEvent<SlimeSaid>, { readonly type: T }>;

const stay = (state: SlimeState): Stepped => go(state);

/** A client that has asked for nothing yet is told nothing. */
const silently = {
  ended: (_: SlimeState, { reason }: Event<"ended">): Stepped => gone(`ended: ${reason}`),
  late: (): Stepped => gone("took too long"),
  stopping: (): Stepped => gone("the front stops"),
  heard: stay,
  tick: stay,
  said: stay,
};

/**
 * The client of the original expects the end of the connection after each of these. `told` is the code, or if there
 * is none for the refusal, the words of SERVER_CLOSE.
 */
const notRegistered = (why: string, told: number | string): Stepped =>
  typeof told === "string"
    ? bye(`not registered: ${why}`, told)
    : gone(`not registered: ${why}`, send({ type: "registered", result: told }));
const notLoggedIn = (why: string, told: number | string): Stepped =>
  typeof told === "string"
    ? bye(`not logged in: ${why}`, told)
    : gone(`not logged in: ${why}`, send({ type: "login-refused", case: told }));

/** The client waits for the answer to its REGISTER or LOGIN. */
const unanswered = {
  ...silently,
  stopping: (): Stepped => bye("the front stops", stopping),
};
const unansweredLogin = {
  ...unanswered,
  ended: (_: SlimeState, { reason, sentence }: Event<"ended">): Stepped =>
    notLoggedIn(`ended: ${reason}`, endedCase(reason) ?? sentence),
};

export function slimeTable(
  { rooms, world, motd, saysNoAccount }: SlimeRules,
  playing: Table<SlimeState, SlimeSaid, SlimeTold>["playing"],
): Table<SlimeState, SlimeSaid, SlimeTold> {
  function said(state: SlimeState, message: SlimeSaid): Stepped {
    const isLogin = message.type === "login";
    if (message.type === "ping") return go(state);
    if (!isLogin && message.type !== "register") return gone(`${message.type} before the login`);
    const { version, name, password } = message;
    const isServed = version === protocolVersion || (version === null && !isLogin);
    const credentials = { name, password, device: deviceOf(message.mac) };
    if (isLogin) {
      if (!isServed) return notLoggedIn("version", loginCases.version);
      const next: SlimeState = { at: "logging-in", name };
      return go(next, ask({ type: "log-in", ...credentials, saysUnknown: saysNoAccount }));
    }
    // An account of this protocol has a name. An e-mail address would be taken for another kind of name.
    if (!isServed || name.includes("@")) return notRegistered("version or name", registered.notAccepted);
    return go({ at: "registering" }, ask({ type: "register", ...credentials }));
  }

  /** Tries the next name for a new character. */
  function create(names: readonly string[]): Stepped {
    const [next, ...rest] = names;
    if (next === undefined) return notLoggedIn("no name for a character", "No name for a character is free.");
    return go({ at: "preparing", names: rest }, ask({ type: "create", name: next }));
  }

  /** In a room with a number the character stays where it is. From elsewhere it goes to the first room. */
  function enterRoom(state: SlimeState, scene: Scene | null): Stepped {
    if (scene === null) return notLoggedIn("not on a map", nowhere);
    const { map, at } = rooms.first;
    const isInRoom = rooms.numberOf(scene.map) !== undefined;
    return go(state, ask({ type: "enter-room", ...(isInRoom ? { map: scene.map } : { map, at }) }));
  }

  function begin(scene: Scene | null, hasGame: boolean, { nowMs, wallMs }: Moment): Stepped {
    const room = scene === null ? undefined : rooms.numberOf(scene.map);
    if (scene === null || room === undefined || scene.unitsPerCell === null)
      return notLoggedIn("not in a room whose clients report where they are", nowhere);
    const { x, y, name } = scene;
    const moment = gameMoment(wallMs);
    const account: Account = {
      moment,
      motd,
      pid: ownPid,
      name,
      room,
      x,
      y,
      character: characterIn(scene.character),
    };
    const state: Playing = {
      ...{ at: "playing", room, stands: { x, y }, goesTo: null, others: OthersHere.none, judged: null },
      ...{ hasGame, strikes: 0, heardAtMs: nowMs, pingedAtMs: null, pingsAtMs: nowMs },
      ...{ key: "none", chatsAtMs: [], roomsAtMs: [], told: moment },
    };
    const seen = withAll(state, scene);
    return go(seen.next, send({ type: "logged-in", account }), ...seen.effects);
  }

  return {
    start: {
      ...silently,
      said: (state, { message }) => said(state, message),
      done: stay,
      refused: stay,
    },

    registering: {
      ...unanswered,
      done: () => go({ at: "start" }, send({ type: "registered", result: registered.success })),
      refused: (_, event) => notRegistered(event.refusal, registerResult(event) ?? event.sentence),
    },

    "logging-in": {
      ...unansweredLogin,
      done({ name }, event) {
        const chosen = event.of === "log-in" ? worldOf(event.worlds, world) : undefined;
        if (chosen === undefined) return notLoggedIn("no such world", describeRefusal("no-world"));
        const next: SlimeState = { at: "preparing", names: namesFor(name) };
        return go(next, ask({ type: "enter-world", world: chosen.name }));
      },
      refused: (_, event) => notLoggedIn(event.refusal, loginCase(event) ?? event.sentence),
    },

    preparing: {
      ...unansweredLogin,
      done({ names }, event) {
        const found =
          event.of === "create"
            ? event.created
            : event.of === "enter-world"
              ? characterFor(event.characters, (map) => rooms.numberOf(map) !== undefined)
              : undefined;
        if (found === undefined) return create(names);
        return go({ at: "entering" }, ask({ type: "choose", charId: found.charId }));
      },
      refused: ({ names }, event) =>
        isNameRefused(event) ? create(names) : notLoggedIn(event.refusal, loginCase(event) ?? event.sentence),
    },

    entering: {
      ...unansweredLogin,
      done(state, { of }, scene, now) {
        if (of === "choose") return enterRoom(state, scene);
        if (of !== "enter-room") return begin(scene, true, now);
        return go(state, ask({ type: "command", name: "slime.come", input: {} }));
      },
      // A game that does not know this protocol, or none, lets players walk and talk all the same.
      refused: (_, event, scene, now) =>
        event.of === "command"
          ? begin(scene, event.refusal !== "unknown-command", now)
          : notLoggedIn(event.refusal, loginCase(event) ?? event.sentence),
    },

    playing,

    leaving: { ...silently, done: () => gone("left"), refused: () => gone("left") },
  };
}
