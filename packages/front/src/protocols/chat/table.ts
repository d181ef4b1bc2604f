import { type CharId, cleanChat, isChat } from "@sallyport/domain";
import {
  ask,
  close,
  type Effect,
  type FrontEvent,
  go as goTo,
  type Hears,
  hear,
  type Scene,
  type Step,
  send,
  type Table,
} from "../../protocol.ts";
import { characterFor, isNameRefused, namesFor, worldOf } from "../first-steps.ts";
import { type ChatSaid, type ChatTold, type ClientKey, clientKey } from "./frames.ts";
import type { ChatState } from "./state.ts";

/*
 * The chat server of SERVER_LIB, from the first credential to the last line: a client sends its name and its
 * password, hears OK or FAILURE, exchanges keys, and is in the room.
 */

export interface ChatRules {
  /** The room map in which all clients meet. */
  readonly room: string;
  /** The world of that room. Null: the first one by its name. */
  readonly world: string | null;
  /** The lines after `Welcome <alias>`. */
  readonly greeting: string;
  /** The word by which a client leaves. */
  readonly disconnect: string;
  /** The public key of this front, in PEM. */
  readonly publicKey: string;
}

/** A client that was told FAILURE this often is disconnected. */
const failuresMax = 5;

const shutdown = "[ ALERT ] Server shutting down...";

type Stepped = Step<ChatState, ChatTold>;
const go = goTo<ChatState, ChatTold>;
type Effects = readonly Effect<ChatTold>[];
type Event<T extends FrontEvent<ChatSaid>["type"]> = Extract<FrontEvent<ChatSaid>, { readonly type: T }>;
type Tries = Pick<In<"name">, "failures" | "known">;
type In<At extends ChatState["at"]> = Extract<ChatState, { readonly at: At }>;

const plain = (text: string): Effect<ChatTold> => send({ type: "plain", text });
const secure = (key: ClientKey, from: string, text: string, isLine = false): Effect<ChatTold> =>
  send({ type: "secure", key, from, text, isLine });
/** The name under which the server speaks. */
const server = "SERVER";
const fromServer = (key: ClientKey, text: string): Effect<ChatTold> => secure(key, server, text);
/** What somebody else says or does. A character may have the name of the server, but not its voice. */
const fromOther = (key: ClientKey, name: string, text: string, isLine = false): Effect<ChatTold> =>
  secure(key, name.toUpperCase() === server ? `${name} (a player)` : name, text, isLine);

const gone = (why: string, ...effects: Effects): Stepped => go({ at: "leaving" }, ...effects, close(why));
const stay = (state: ChatState): Stepped => go(state);

/** Before the keys are exchanged, the protocol has no words for these events. */
const silently = {
  ended: (_: ChatState, { reason }: Event<"ended">): Stepped => gone(`ended: ${reason}`),
  late: (): Stepped => gone("took too long"),
  stopping: (): Stepped => gone("the front stops"),
  heard: stay,
  tick: stay,
};
const nothingAsked = { ...silently, done: stay, refused: stay };

/** `also` undoes what was done so far. */
function failed({ failures, known }: Tries, ...also: Effects): Stepped {
  const now = failures + 1;
  if (now >= failuresMax) return gone("failed too often", plain("FAILURE"));
  return go({ at: "name", failures: now, known }, plain("FAILURE"), ...also);
}

const playersOf = (scene: Scene | null): ReadonlyMap<CharId, string> =>
  new Map(
    [...(scene?.actors.values() ?? [])]
      .filter(({ kind }) => kind === "player")
      .map(({ charId, name }) => [charId, name]),
  );

export function chatTable(rules: ChatRules): Table<ChatState, ChatSaid, ChatTold> {
  const { room, world, greeting, disconnect, publicKey } = rules;

  const ready = (charId: CharId, alias: string): Stepped =>
    go({ at: "key", charId, alias }, plain("OK"), plain(`Welcome ${alias}\n${greeting}`));

  /** Tries the next name for a new character. */
  function create({ names: [next, ...names], ...state }: In<"preparing">): Stepped {
    if (next === undefined) return failed(state, ask({ type: "leave" }));
    return go({ ...state, names }, ask({ type: "create", name: next }));
  }

  return {
    name: {
      ...nothingAsked,
      said: (state, { message }) => go({ ...state, at: "password", name: message.text.trim() }),
    },

    password: {
      ...nothingAsked,
      said(state, { message: { text: password } }) {
        const { name } = state;
        const next: ChatState = { ...state, at: "logging-in", password };
        return go(next, ask({ type: "log-in", name, password }));
      },
    },

    "logging-in": {
      ...silently,
      said: stay,
      done({ failures, known, name }, event) {
        const chosen = event.of === "log-in" ? worldOf(event.worlds, world) : undefined;
        if (chosen === undefined) return failed({ failures, known });
        const next: ChatState = { at: "preparing", failures, known, name, names: namesFor(name) };
        return go(next, ask({ type: "enter-world", world: chosen.name }));
      },
      // The refusal does not tell an unknown name from a wrong password. Only where registration is open does an
      // attempt to register tell: it makes the account, or changes nothing.
      refused(state, { refusal }) {
        const { name, password, known } = state;
        if (refusal !== "wrong-name-or-password" || known.includes(name)) return failed(state);
        const next: ChatState = { ...state, at: "registering", known: [...known, name] };
        return go(next, ask({ type: "register", name, password }));
      },
    },

    registering: {
      ...silently,
      said: stay,
      done(state) {
        const { name, password } = state;
        return go({ ...state, at: "logging-in" }, ask({ type: "log-in", name, password }));
      },
      refused: (state) => failed(state),
    },

    preparing: {
      ...silently,
      said: stay,
      done(state, event) {
        if (event.of === "create") return ready(event.created.charId, event.created.name);
        if (event.of !== "enter-world") return go(state);
        const character = characterFor(event.characters, (map) => map === room);
        return character === undefined ? create(state) : ready(character.charId, character.name);
      },
      refused: (state, event) =>
        isNameRefused(event) ? create(state) : failed(state, ask({ type: "leave" })),
    },

    key: {
      ...nothingAsked,
      said({ charId, alias }, { message }) {
        const key = clientKey(message.text);
        if (key === null) return gone("showed no public key");
        const next: ChatState = { at: "entering", key, alias };
        return go(next, send({ type: "key", pem: publicKey }), ask({ type: "choose", charId }));
      },
    },

    entering: {
      ...silently,
      said: stay,
      done({ key, alias }, { of }, scene) {
        if (of === "choose")
          return go({ at: "entering", key, alias }, ask({ type: "enter-room", map: room }));
        const next: ChatState = { at: "in-room", key, alias, present: playersOf(scene), before: new Set() };
        return go(next, secure(key, alias, "[ CONNECTED ]"));
      },
      refused: ({ key }, { sentence, refusal }) =>
        gone(`refused: ${refusal}`, fromServer(key, `[ ALERT ] ${sentence}`)),
      stopping: ({ key }) => gone("the front stops", fromServer(key, shutdown)),
    },

    "in-room": {
      said(state, { message: { type, text } }) {
        if (type === "plain") {
          const key = clientKey(text);
          return key === null ? gone("a plain frame that is no key") : go({ ...state, key });
        }
        const line = text.replace(/\r?\n$/, "");
        if (line === disconnect) return go({ at: "leaving" }, ask({ type: "leave" }));
        const clean = cleanChat(line.replaceAll("\t", " "));
        return isChat(clean) ? go(state, ask({ type: "say", text: clean })) : go(state);
      },
      done: stay,
      refused: (state, { sentence }) => go(state, fromServer(state.key, `[ NOTIFICATION ] ${sentence}`)),
      heard: (state, { event }, scene) => hear(heardInRoom, state, event, scene),
      ended({ key }, { reason, sentence }) {
        const text = reason === "server-stopping" ? shutdown : `[ ALERT ] ${sentence}`;
        return gone(`ended: ${reason}`, fromServer(key, text));
      },
      late: stay,
      tick: stay,
      stopping: ({ key }) => gone("the front stops", fromServer(key, shutdown)),
    },

    leaving: {
      ...silently,
      said: stay,
      done: () => gone("left"),
      refused: () => gone("left"),
    },
  };
}

const heardInRoom: Hears<ChatState, In<"in-room">, ChatTold> = {
  "actor.appeared"(state, { kind, charId, name }) {
    const { key, present, before } = state;
    if (kind !== "player" || present.has(charId)) return go(state);
    const unseen = new Set([...before].filter((each) => each !== charId));
    const now = { ...state, present: new Map([...present, [charId, name]]), before: unseen };
    return before.has(charId) ? go(now) : go(now, fromOther(key, name, "[ CONNECTED ]"));
  },
  "actor.vanished"(state, { charId: left }) {
    const { key, present } = state;
    const name = present.get(left);
    if (name === undefined) return go(state);
    const others = new Map([...present].filter(([charId]) => charId !== left));
    return go({ ...state, present: others }, fromOther(key, name, "[ DISCONNECTED ]"));
  },
  "actor.said"(state, { charId, name, text }, scene) {
    return charId === scene?.charId ? go(state) : go(state, fromOther(state.key, name, text, true));
  },
  announced: (state, { text, from }) =>
    go(state, fromServer(state.key, `[ NOTIFICATION ] ${from === null ? "" : `${from}: `}${text}`)),
  "map.changed"(state) {
    const before = new Set([...state.before, ...state.present.keys()]);
    return go({ ...state, present: new Map(), before });
  },
};
