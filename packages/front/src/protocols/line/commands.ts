import { cellOf, cleanChat, distanceCells, isChat } from "@sallyport/domain";
import { ask, type Effect, go, type Scene, type Step, send } from "../../protocol.ts";
import type { LineState } from "./state.ts";
import type { LineTold } from "./telnet.ts";
import { describeScene, help } from "./words.ts";

/* The commands of a person who plays. */

type Playing = Extract<LineState, { at: "playing" }>;
type Stepped = Step<LineState, LineTold>;
type Command = (state: Playing, rest: string, scene: Scene) => Stepped;

export const tell = (text: string): Effect<LineTold> => send({ type: "text", text });

const directions: { readonly [word: string]: readonly [dx: number, dy: number] } = {
  ...{ n: [0, -1], ne: [1, -1], e: [1, 0], se: [1, 1], s: [0, 1], sw: [-1, 1], w: [-1, 0], nw: [-1, -1] },
  ...{ north: [0, -1], northeast: [1, -1], east: [1, 0], southeast: [1, 1] },
  ...{ south: [0, 1], southwest: [-1, 1], west: [-1, 0], northwest: [-1, -1] },
};
const cellsMax = 30;

function walkTo(state: Playing, cell: { readonly x: number; readonly y: number }, scene: Scene): Stepped {
  const { unitsPerCell: units } = scene;
  if (cell.x < 0 || cell.y < 0 || cell.x >= scene.width || cell.y >= scene.height)
    return go(state, tell("There is no way to get there."));
  if (units === null) return go({ ...state, walksTo: cell }, ask({ type: "walk", ...cell }));
  const middle = (nth: number): number => nth * units + Math.floor(units / 2);
  return go(state, ask({ type: "report", x: middle(cell.x), y: middle(cell.y) }));
}

const walk =
  ([dx, dy]: readonly [number, number]): Command =>
  (state, rest, scene) => {
    const cells = rest === "" ? 1 : Number(rest);
    if (!Number.isInteger(cells) || cells < 1 || cells > cellsMax)
      return go(state, tell(`How many cells? 1 to ${cellsMax}.`));
    const { x, y } = cellOf(scene, scene.unitsPerCell ?? 1);
    return walkTo(state, { x: x + dx * cells, y: y + dy * cells }, scene);
  };

const say: Command = (state, rest) => {
  const text = cleanChat(rest.trim());
  return isChat(text) ? go(state, ask({ type: "say", text })) : go(state, tell("Say what?"));
};

/** Finds an actor that is no player by the beginning of its name, the nearest first. */
function named(scene: Scene, beginning: string, isWanted: (kind: string) => boolean): number | null {
  const wanted = beginning.toLowerCase();
  const [nearest] = [...scene.actors.values()]
    .filter(({ name, kind }) => isWanted(kind) && name.toLowerCase().startsWith(wanted))
    .sort((a, b) => distanceCells(a, scene) - distanceCells(b, scene) || a.charId - b.charId);
  return nearest?.charId ?? null;
}

const toward =
  (type: "click" | "take", isWanted: (kind: string) => boolean): Command =>
  (state, rest, scene) => {
    const actor = named(scene, rest, isWanted);
    return actor === null
      ? go(state, tell("Nothing of that name is here."))
      : go(state, ask({ type, actor }));
  };

const who: Command = (state, _, { name, actors }) => {
  const players = [...actors.values()].filter(({ kind }) => kind === "player").map((each) => each.name);
  return go(state, tell(`Here: ${[name, ...players.sort()].join(", ")}`));
};

const choose = (state: Playing, word: string): Stepped | null => {
  const { dialogue } = state;
  const index = /^\d{1,3}$/.test(word) ? Number(word) - 1 : -1;
  if (dialogue === null || index < 0) return null;
  const { actor, choices, goods } = dialogue;
  if (choices.length > 0) {
    if (index >= choices.length) return null;
    const answered = { ...state, dialogue: { ...dialogue, choices: [] } };
    return go(answered, ask({ type: "answer", actor, answer: { type: "choice", index } }));
  }
  const ware = goods[index];
  return ware === undefined ? null : go(state, ask({ type: "buy", actor, item: ware.item, amount: 1 }));
};

const answer =
  (type: "next" | "close"): Command =>
  (state) => {
    const { dialogue } = state;
    if (dialogue === null) return go(state, tell("You are talking to nobody."));
    const heard = { ...state, dialogue: type === "close" ? null : { ...dialogue, isPaused: false } };
    return go(heard, ask({ type: "answer", actor: dialogue.actor, answer: { type } }));
  };

const commands: { readonly [word: string]: Command } = {
  help: (state) => go(state, tell(help)),
  look: (state, _, scene) => go(state, tell(describeScene(scene))),
  say,
  who,
  walk(state, rest, scene) {
    const [, x, y] = /^(\d{1,4})[\s,]+(\d{1,4})$/.exec(rest) ?? [];
    if (x === undefined) return go(state, tell("Walk where? For example: walk 41 31"));
    return walkTo(state, { x: Number(x), y: Number(y) }, scene);
  },
  talk: toward("click", (kind) => kind !== "player" && kind !== "item"),
  take: toward("take", (kind) => kind === "item"),
  next: answer("next"),
  bye: answer("close"),
  // The refusal of no room at all names the open rooms. Names of maps have no capital letters.
  room: (state, name) =>
    go({ ...state, listsRooms: name === "" }, ask({ type: "enter-room", map: name.toLowerCase() })),
  characters: () => go({ at: "entering" }, ask({ type: "select" })),
  quit: () => go({ at: "leaving" }, ask({ type: "leave" })),
  ...Object.fromEntries(Object.entries(directions).map(([word, way]) => [word, walk(way)])),
};
const shortWords: { readonly [word: string]: string } = {
  l: "look",
  "?": "help",
  exit: "quit",
  chars: "characters",
};

/** Carries out a line of a person who plays. */
export function command(state: Playing, line: string, scene: Scene): Stepped {
  const text = line.trim();
  if (text.startsWith("'")) return say(state, text.slice(1), scene);
  const [, first = "", rest = ""] = /^(\S+)\s*(.*)$/su.exec(text) ?? [];
  const word = first.toLowerCase();
  if (word === "") return state.dialogue?.isPaused === true ? answer("next")(state, "", scene) : go(state);
  const chosen = choose(state, word);
  if (chosen !== null) return chosen;
  const full = Object.hasOwn(shortWords, word) ? (shortWords[word] ?? word) : word;
  const known = Object.hasOwn(commands, full) ? commands[full] : undefined;
  return known?.(state, rest, scene) ?? go(state, tell(`What is "${first}"? Type help.`));
}
