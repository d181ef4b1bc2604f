import { CharId } from "@sallyport/domain";
import type { GameEvent, World } from "@sallyport/sdk";
import {
  ask,
  close,
  type Effect,
  type FrontEvent,
  go,
  type Hears,
  hear,
  type Scene,
  type Step,
  send,
  type Table,
} from "../../protocol.ts";
import { stopping, stoppingOnMap } from "../farewells.ts";
import { command, tell } from "./commands.ts";
import { type Dialogue, type LineState, playingIn } from "./state.ts";
import type { LineSaid, LineTold } from "./telnet.ts";
import {
  askConfirmation,
  askInvitation,
  askName,
  askNewAgain,
  askNewName,
  askNewPassword,
  askPassword,
  confirmed,
  describeCharacters,
  describeDialogue,
  describePlace,
  describeRooms,
  greeting,
  lineTooLong,
  numbered,
} from "./words.ts";

/* The states of a person on the line protocol, from the greeting to play. */

type Stepped = Step<LineState, LineTold>;
type Event<T extends FrontEvent<LineSaid>["type"]> = Extract<FrontEvent<LineSaid>, { readonly type: T }>;
type Line = Extract<LineSaid, { readonly type: "line" }>;
type Playing = Extract<LineState, { at: "playing" }>;

const bye = (text: string, why: string): readonly Effect<LineTold>[] => [tell(text), close(why)];
const quit = (): Stepped => go({ at: "leaving" }, ...bye("Goodbye.", "quit"));
const isQuit = ({ text }: Line): boolean => text.trim().toLowerCase() === "quit";

/** The password is not shown while it is typed, if the client is a telnet client. */
const hidden = (text: string): readonly Effect<LineTold>[] => [tell(text), send({ type: "hide" })];
const shown: Effect<LineTold> = send({ type: "show" });

const stay = (state: LineState): Stepped => go(state);

/** A line that is too long is answered by the same sentence in every state, and changes nothing. */
const typed =
  <State extends LineState>(rule: (state: State, line: Line, scene: Scene | null) => Stepped) =>
  (state: State, { message }: Event<"said">, scene: Scene | null): Stepped =>
    message.type === "line" ? rule(state, message, scene) : go(state, tell(lineTooLong));

/** These rules are the same in every state. */
const always = {
  ended: (_: LineState, { sentence, reason }: Event<"ended">): Stepped =>
    go({ at: "leaving" }, ...bye(sentence, `ended: ${reason}`)),
  late: (): Stepped => go({ at: "leaving" }, ...bye("You took too long. Goodbye.", "took too long")),
  stopping: (): Stepped => go({ at: "leaving" }, ...bye(stopping, "stopping")),
  tick: stay,
};
/** For states in which the servers are asked for nothing. */
const nothingAsked = { ...always, done: stay, refused: stay, heard: stay };

const toNameAgain = (_: LineState, { sentence }: Event<"refused">): Stepped =>
  go({ at: "name" }, tell(sentence), tell(askName));

function entersWorld(worlds: readonly World[]): Stepped {
  const [only] = worlds;
  if (only !== undefined && worlds.length === 1)
    return go({ at: "entering" }, ask({ type: "enter-world", world: only.name }));
  const list = numbered(
    worlds.map(({ name, players }) => `${name}, ${players} ${players === 1 ? "player" : "players"}`),
  );
  return go({ at: "worlds", worlds }, tell(`Choose a world by its number:\n${list}`));
}

/** The next step of a person who is not on a map, after the servers did what was asked. */
function entered(state: LineState, event: Event<"done">, scene: Scene | null): Stepped {
  if (event.of === "log-in") return entersWorld(event.worlds);
  if (event.of === "enter-world" || event.of === "select") {
    const { characters, slotCount } = event;
    return go({ at: "characters", characters, slotCount }, tell(describeCharacters(event)));
  }
  if (event.of !== "choose" || scene === null) return go(state);
  return go(playingIn(scene), tell(`You are in ${scene.map}. Type help, or look.`));
}

export const lineTable: Table<LineState, LineSaid, LineTold> = {
  name: {
    ...always,
    heard: stay,
    done: (state, { of }) => (of === "confirm-email" ? go(state, tell(confirmed), tell(askName)) : go(state)),
    refused: toNameAgain,
    said: typed((state, message) => {
      const name = message.text.trim();
      if (isQuit(message)) return quit();
      if (name === "") return go(state, tell(askName));
      if (name.toLowerCase() === "new") return go({ at: "new-name" }, tell(askNewName));
      const [, code] = /^confirm\s+(\S+)$/i.exec(name) ?? [];
      if (code !== undefined) return go(state, ask({ type: "confirm-email", code }));
      return go({ at: "password", name }, ...hidden(askPassword));
    }),
  },

  password: {
    ...nothingAsked,
    said: typed(({ name }, { text: password }) =>
      go({ at: "entering" }, shown, ask({ type: "log-in", name, password })),
    ),
  },

  "new-name": {
    ...nothingAsked,
    said: typed((_, message) => {
      if (isQuit(message)) return quit();
      return go({ at: "new-password", name: message.text.trim() }, ...hidden(askNewPassword));
    }),
  },

  "new-password": {
    ...nothingAsked,
    said: typed(({ name }, { text: password }) =>
      go({ at: "registering", name, password }, shown, ask({ type: "register", name, password })),
    ),
  },

  registering: {
    ...always,
    said: stay,
    heard: stay,
    done: ({ name, password }) => go({ at: "entering" }, ask({ type: "log-in", name, password })),
    refused: (state, event) =>
      event.refusal === "invitation-invalid"
        ? go({ ...state, at: "invitation" }, tell(event.sentence), tell(askInvitation))
        : go({ at: "name" }, tell(event.sentence), tell(askNewAgain), tell(askName)),
  },

  invitation: {
    ...nothingAsked,
    said: typed((state, message) => {
      const invitation = message.text.trim();
      if (isQuit(message)) return quit();
      if (invitation === "") return go({ at: "name" }, tell(askName));
      const { name, password } = state;
      return go({ ...state, at: "registering" }, ask({ type: "register", name, password, invitation }));
    }),
  },

  entering: {
    ...always,
    said: stay,
    heard: stay,
    done: entered,
    // A person who could not leave the map is still on it.
    refused(state, event, scene) {
      if (scene !== null) return go(playingIn(scene), tell(event.sentence));
      const isUnconfirmed = event.refusal === "email-unconfirmed";
      return isUnconfirmed ? go({ at: "name" }, tell(askConfirmation)) : toNameAgain(state, event);
    },
  },

  worlds: {
    ...nothingAsked,
    said: typed((state, message) => {
      if (isQuit(message)) return quit();
      const world = state.worlds[Number(message.text) - 1];
      if (world === undefined) return go(state, tell("Choose a world by its number."));
      return go({ at: "entering" }, ask({ type: "enter-world", world: world.name }));
    }),
  },

  characters: {
    ...always,
    said: typed((state, message) => {
      if (isQuit(message)) return go({ at: "leaving" }, ask({ type: "leave" }));
      const text = message.text.trim();
      const chosen = /^\d{1,3}$/.test(text) ? state.characters[Number(text) - 1] : undefined;
      if (chosen !== undefined) return go(state, ask({ type: "choose", charId: chosen.charId }));
      const [, name] = /^create\s+(\S.*)$/isu.exec(text) ?? [];
      if (name !== undefined) return go(state, ask({ type: "create", name }));
      return go(state, tell(describeCharacters(state)));
    }),
    done(state, event, scene) {
      if (event.of !== "create") return entered(state, event, scene);
      const characters = [...state.characters, event.created];
      return go({ ...state, characters }, tell(describeCharacters({ ...state, characters })));
    },
    refused: (state, { sentence }) => go(state, tell(sentence)),
    heard: stay,
  },

  playing: {
    ...always,
    said: typed((state, { text }, scene) => (scene === null ? go(state) : command(state, text, scene))),
    done: (state) => go(state),
    refused(state, event) {
      const stands = { ...state, walksTo: null, listsRooms: false };
      const words = event.refusal === "no-such-room" ? describeRooms(event, state) : event.sentence;
      return go(stands, tell(words));
    },
    heard: (state, { event }, scene) => hear(heardOnMap, state, event, scene),
    stopping: () => go({ at: "leaving" }, ...bye(stoppingOnMap, "stopping")),
  },

  leaving: {
    ...always,
    said: stay,
    heard: stay,
    done: quit,
    refused: quit,
  },
};

const heardOnMap: Hears<LineState, Playing, LineTold> = {
  "actor.appeared"(state, { charId, kind, name }) {
    if (kind !== "player") return go(state);
    return go({ ...state, present: new Map(state.present).set(charId, name) }, tell(`${name} is here.`));
  },
  "actor.vanished"(state, { charId: left }) {
    const name = state.present.get(left);
    if (name === undefined) return go(state);
    const present = new Map([...state.present].filter(([charId]) => charId !== left));
    return go({ ...state, present }, tell(`${name} is gone.`));
  },
  "actor.said": (state, { charId, name, text }, scene) =>
    charId === scene?.charId ? go(state) : go(state, tell(`${name}: ${text}`)),
  announced: (state, { from, text }) => go(state, tell(`*** ${from === null ? "" : `${from}: `}${text}`)),
  "actor.moved"(state, { charId, x, y }, scene) {
    const { walksTo } = state;
    if (charId !== scene?.charId || walksTo?.x !== x || walksTo.y !== y) return go(state);
    return go({ ...state, walksTo: null }, tell(`You are at ${x},${y}.`));
  },
  "map.changed": (_state, _event, scene) =>
    go(playingIn(scene), tell(scene === null ? "" : describePlace(scene))),
  "dialogue.said": talks,
  "dialogue.asked": talks,
  "dialogue.paused": talks,
  "shop.offered": talks,
  "dialogue.ended": (state) => go({ ...state, dialogue: keptShop(state.dialogue) }),
};

type TalkEvent = Extract<
  GameEvent,
  { type: "dialogue.said" | "dialogue.asked" | "dialogue.paused" | "shop.offered" }
>;

/** What a shop offers can be bought until the next conversation. */
const keptShop = (dialogue: Dialogue | null): Dialogue | null =>
  dialogue === null || dialogue.goods.length === 0 ? null : { ...dialogue, choices: [], isPaused: false };

function talks(state: Playing, event: TalkEvent, scene: Scene | null): Stepped {
  const { actor } = event;
  const now: Dialogue =
    state.dialogue?.actor === actor ? state.dialogue : { actor, choices: [], goods: [], isPaused: false };
  if (event.type === "dialogue.said") {
    const name = scene?.actors.get(CharId(actor))?.name ?? "?";
    return go({ ...state, dialogue: now }, tell(`${name}: ${event.text}`));
  }
  const dialogue: Dialogue =
    event.type === "dialogue.asked"
      ? { ...now, choices: event.choices }
      : event.type === "dialogue.paused"
        ? { ...now, isPaused: true }
        : { ...now, goods: event.goods };
  const words = describeDialogue(dialogue);
  return words === null ? go({ ...state, dialogue }) : go({ ...state, dialogue }, tell(words));
}

export const lineBegins: Stepped = go({ at: "name" }, tell(greeting), tell(askName));
