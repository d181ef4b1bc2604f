import { cellOf } from "@sallyport/domain";
import type { Scene } from "../../protocol.ts";
import type { Dialogue, LineState } from "./state.ts";
import { lineBytesMax } from "./telnet.ts";

/* What the line protocol says to people. */

export const greeting = "Welcome to Sallyport.\nType your name, or `new` to make an account, or `quit`.";
export const askInvitation = "The code of your invitation:";
export const askConfirmation =
  "A letter with a code is on its way to you. Type `confirm CODE`, and then your address.";
export const confirmed = "Your address is confirmed.";

export const lineTooLong = `A line has at most ${lineBytesMax} bytes. Yours was left out.`;

export const askName = "Name:";
export const askPassword = "Password:";
export const askNewName = "A name or an e-mail address for your account:";
export const askNewAgain = "Type `new` to try again, or the name of an account that exists.";
export const askNewPassword = "A password, at least 6 characters:";

export const help = [
  "look               where you are, and what is around you",
  "n ne e se s sw w nw [CELLS]   walk, also by whole words: north 3",
  "walk X Y           walk to a cell",
  "say TEXT           or 'TEXT: speak to all who see you",
  "who                who is here",
  "talk NAME          turn to somebody who is no player, or to a thing",
  "take NAME          pick something up",
  "1 2 3 …            choose an answer, or buy what is offered",
  "next, bye          go on with a conversation, or end it",
  "room [NAME]        go to an open room, or read which there are",
  "characters         leave, and choose another character",
  "quit               leave",
].join("\n");

export const numbered = (entries: readonly string[]): string =>
  entries.map((entry, index) => `  ${index + 1}  ${entry}`).join("\n");

export function describeCharacters({
  characters,
  slotCount,
}: Pick<Extract<LineState, { at: "characters" }>, "characters" | "slotCount">): string {
  const list = numbered(characters.map(({ name, position }) => `${name}, in ${position.map}`));
  const isFull = characters.length >= slotCount;
  const create = isFull ? "" : "`create NAME` makes a character.";
  if (characters.length === 0) return `You have no character yet. ${create}`;
  return `Your characters:\n${list}\nChoose one by its number. ${create}`.trimEnd();
}

export function describeDialogue({ choices, goods, isPaused }: Dialogue): string | null {
  if (choices.length > 0) return numbered(choices);
  if (isPaused) return "(`next` goes on)";
  if (goods.length === 0) return null;
  return `For sale:\n${numbered(goods.map(({ name, price }) => `${name}, ${price}`))}`;
}

/** Only a person who asked for a room by its name reads that there is none. */
export function describeRooms(
  { sentence, detail }: { readonly sentence: string; readonly detail?: string | undefined },
  { listsRooms }: Pick<Extract<LineState, { at: "playing" }>, "listsRooms">,
): string {
  const open = detail === undefined ? null : `Open rooms: ${detail}.`;
  if (listsRooms) return open ?? "No room is open.";
  return open === null ? sentence : `${sentence} ${open}`;
}

const [columns, rows] = [31, 11];

/** The place of the character: a sentence, and the ground around it. */
export function describePlace(scene: Scene): string {
  const { x, y } = cellOf(scene, scene.unitsPerCell ?? 1);
  return `${scene.name} is at ${x},${y} of ${scene.map}.\n${drawn(scene)}`;
}

/** The place of the character, and the actors in view. */
export function describeScene(scene: Scene): string {
  const others = [...scene.actors.values()].map((actor) => {
    const cell = cellOf(actor, scene.unitsPerCell ?? 1);
    return `${actor.name} (${actor.kind}) at ${cell.x},${cell.y}`;
  });
  const inView = others.length === 0 ? "Nobody else is in view." : `In view: ${others.join("; ")}.`;
  return `${describePlace(scene)}\n${inView}`;
}

/** North is at the top. */
function drawn(scene: Scene): string {
  const { width, height, cells, actors } = scene;
  const own = cellOf(scene, scene.unitsPerCell ?? 1);
  const at = new Map<string, string>();
  for (const actor of actors.values()) {
    const { x, y } = cellOf(actor, scene.unitsPerCell ?? 1);
    at.set(`${x},${y}`, actor.kind === "player" ? "o" : actor.kind === "item" ? "," : "n");
  }
  at.set(`${own.x},${own.y}`, "@");
  const mark = (x: number, y: number): string => {
    if (x < 0 || y < 0 || x >= width || y >= height) return " ";
    return at.get(`${x},${y}`) ?? ground[cells[y * width + x] ?? 1] ?? "#";
  };
  const across = (count: number, middle: number): readonly number[] =>
    Array.from({ length: count }, (_, nth) => middle + nth - Math.floor(count / 2));
  return across(rows, own.y)
    .map((y) =>
      across(columns, own.x)
        .map((x) => mark(x, y))
        .join("")
        .trimEnd(),
    )
    .join("\n");
}

/** By the byte of the cell: floor, wall, warp. */
const ground = [".", "#", ">"];
