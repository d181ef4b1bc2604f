import {
  type Cell,
  type CharId,
  cellOf,
  type DialogueAnswer,
  distanceCells,
  middleOf,
  unitsPerCellOf,
} from "@sallyport/domain";
import { isSame, isWalkable, positionUnder } from "./cells.ts";
import { answered } from "./conversation.ts";
import { type MapCommand, type MapScreen, type MapStep, only, type Seen, withLine } from "./map-screen.ts";
import type { Happening } from "./state.ts";
import { walkTo } from "./walking.ts";

/* What a player does with actors that are no players: click, take, talk, buy. */

/** A tap beside a small figure still means the figure: it is drawn higher than its cell. */
const tapCells: readonly Cell[] = [
  { x: 0, y: 0 },
  { x: 0, y: 1 },
];

/** The player points at a place of the map: at the actor there, or else at the floor. */
export function point(screen: MapScreen, { x, y }: Cell): MapStep {
  const { place } = screen;
  const cell = { x: Math.floor(x), y: Math.floor(y) };
  const things = [...screen.actors.values()].filter(({ kind }) => kind !== "player");
  const at = tapCells.map((offset) => ({ x: cell.x + offset.x, y: cell.y + offset.y }));
  const found = at.flatMap((each) =>
    things.filter((thing) => isSame(cellOf(thing, unitsPerCellOf(place)), each)),
  )[0];
  return found === undefined ? walkTo(screen, positionUnder(place, { x, y })) : use(screen, found.charId);
}

/** Turns to an actor. The map-server knows how near that must be. */
export function use(screen: MapScreen, actorId: CharId): MapStep {
  const actor = screen.actors.get(actorId);
  if (actor === undefined || actor.kind === "player") return only(screen);
  return { screen: { ...screen, approach: null }, commands: [deedFor(actor)] };
}

const deedFor = ({ kind, charId }: Seen): MapCommand => ({
  type: kind === "item" ? "take" : "click",
  actor: charId,
});

/** Walks next to an actor that was too far away. The page asks again when the player is there. */
function approach(screen: MapScreen, actor: Seen): MapStep {
  const { place } = screen;
  const [here, there] = [
    cellOf(screen.position, unitsPerCellOf(place)),
    cellOf(actor, unitsPerCellOf(place)),
  ];
  const isItem = actor.kind === "item";
  const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => ({ x: there.x + dx, y: there.y + dy })));
  const free = around.filter((cell) => isWalkable(place, cell.x, cell.y) && !isSame(cell, there));
  const [nearest = there] = free.sort((a, b) => distanceCells(a, here) - distanceCells(b, here));
  const to = isItem && isWalkable(place, there.x, there.y) ? there : nearest;
  // A player that already stands there would ask for ever.
  if (isSame(to, here)) return only(withLine(screen, { kind: "refused", refusal: "too-far" }));
  const walked = walkTo(screen, middleOf(to, unitsPerCellOf(place)));
  return { ...walked, screen: { ...walked.screen, approach: actor.charId } };
}

/** The player has stepped. Asks again if the step has led to the actor. */
export function arrive(screen: MapScreen): MapStep {
  const { approach: actorId, target } = screen;
  if (actorId === null || target !== null) return only(screen);
  return use({ ...screen, approach: null }, actorId);
}

export function answer(screen: MapScreen, given: DialogueAnswer): MapStep {
  const { conversation } = screen;
  if (conversation === null) return only(screen);
  if (conversation.type === "shop") return only({ ...screen, conversation: null });
  const next = { ...screen, conversation: answered(conversation, given) };
  const { actor, waitsFor } = conversation;
  // The server has closed a dialogue that is over.
  return waitsFor === "close"
    ? only(next)
    : { screen: next, commands: [{ type: "answer", actor, answer: given }] };
}

export function buy(screen: MapScreen, wish: { readonly item: number; readonly amount: number }): MapStep {
  const { conversation } = screen;
  if (conversation?.type !== "shop") return only(screen);
  const { item, amount } = wish;
  return { screen, commands: [{ type: "buy", actor: conversation.actor, goods: [{ item, amount }] }] };
}

export function bought(screen: MapScreen, { actor, goods }: Extract<MapCommand, { type: "buy" }>): MapScreen {
  const { conversation } = screen;
  const wares = conversation?.type === "shop" && conversation.actor === actor ? conversation.goods : [];
  return goods.reduce((next, { item, amount }) => {
    const name = wares.find((ware) => ware.item === item)?.name ?? String(item);
    return withLine(next, { kind: "bought", name, amount });
  }, screen);
}

/** What a refusal means for the player. */
export function refuse(
  screen: MapScreen,
  {
    command,
    refusal,
    word,
  }: Pick<Extract<Happening, { type: "refused" }>, "refusal" | "word"> & {
    readonly command: Exclude<MapCommand, { readonly type: "report" }>;
  },
): MapStep {
  const told = withLine(screen, { kind: "refused", refusal, ...(word !== undefined && { word }) });
  switch (command.type) {
    case "walk":
      // A walk that a hop interrupts is of no use any more.
      return only(refusal === "no-path" ? { ...told, target: null, approach: null } : screen);
    case "click":
    case "take": {
      const actor = screen.actors.get(command.actor);
      return refusal === "too-far" && actor !== undefined ? approach(screen, actor) : only(told);
    }
    case "answer": {
      const { conversation } = screen;
      const isOver = refusal === "no-dialogue" && conversation?.actor === command.actor;
      return only(isOver ? { ...told, conversation: null } : told);
    }
    case "say":
    case "buy":
    case "send":
      return only(told);
  }
}
