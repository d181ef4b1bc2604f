import { type Cell, type CharId, unitsPerCellOf } from "@sallyport/domain";
import type { GameEvent } from "@sallyport/sdk";
import { arrive } from "./acting.ts";
import { isSame, placeOf } from "./cells.ts";
import { hear } from "./conversation.ts";
import { harbourEvent } from "./harbour.ts";
import { enteredAgain, type MapScreen, type MapStep, only, withLine } from "./map-screen.ts";
import { type Motion, type StepOptions, standing, stepTo } from "./motion.ts";
import { keepHeading } from "./walking.ts";

const speechMs = 5_000;
const eventNamesMax = 20;

export function applyGameEvent(screen: MapScreen, event: GameEvent, nowMs: number): MapStep {
  switch (event.type) {
    case "actor.appeared": {
      const { type: _, ...actor } = event;
      const actors = new Map(screen.actors).set(actor.charId, {
        ...actor,
        motion: standing(placeOf(screen.place, actor)),
      });
      return only({ ...screen, actors });
    }
    case "actor.moved":
      return move(screen, event, nowMs);
    case "actor.vanished": {
      const actors = new Map(screen.actors);
      actors.delete(event.charId);
      return only({ ...screen, actors });
    }
    case "actor.said": {
      const { charId, name, text } = event;
      const recent = [...screen.speech].filter(([, { untilMs }]) => nowMs < untilMs);
      const speech = new Map(recent).set(charId, { text, untilMs: nowMs + speechMs });
      const isOwn = charId === screen.place.charId;
      return only(withLine({ ...screen, speech }, { kind: "said", name, text, isOwn }));
    }
    case "dialogue.said":
    case "dialogue.asked":
    case "dialogue.paused":
    case "dialogue.ended":
    case "shop.offered": {
      const { conversation, actors } = screen;
      const name = actors.get(event.actor as CharId)?.name ?? conversation?.name ?? "";
      return only({ ...screen, conversation: hear(conversation, event, name) });
    }
    case "map.changed": {
      const { type: _, ...place } = event;
      // A player who holds a key walks on.
      return keepHeading({ ...enteredAgain(screen, place), heading: screen.heading });
    }
    case "game.event":
      return only(hearGame(screen, event));
    case "character.changed":
      return only({ ...screen, character: event.character });
    case "actor.changed": {
      const { charId, shown } = event;
      const actor = screen.actors.get(charId);
      if (actor === undefined) return only(screen);
      return only({ ...screen, actors: new Map(screen.actors).set(charId, { ...actor, shown }) });
    }
    case "announced":
      return only(withLine(screen, { kind: "announced", text: event.text, from: event.from }));
    case "client.kicked":
      return only(screen);
  }
}

/** The page has lines for events that it knows. It only counts others, because a game may send many. */
function hearGame(screen: MapScreen, { name, body }: Extract<GameEvent, { type: "game.event" }>): MapScreen {
  const event = harbourEvent(name, body);
  if (event !== null) return withLine(screen, { kind: "game", event });
  const { unknownEvents } = screen;
  if (!unknownEvents.has(name) && unknownEvents.size >= eventNamesMax) return screen;
  const count = (unknownEvents.get(name) ?? 0) + 1;
  return { ...screen, unknownEvents: new Map(unknownEvents).set(name, count) };
}

function move(screen: MapScreen, event: Cell & { readonly charId: CharId }, nowMs: number): MapStep {
  const { charId, x, y } = event;
  const { place } = screen;
  const to = placeOf(place, { x, y });
  if (charId === place.charId) {
    const { target, reporting } = screen;
    const hasArrived = target !== null && isSame(target, { x, y });
    const stepped: MapScreen = {
      ...screen,
      position: { ...screen.position, x, y },
      motion: stepTo(screen.motion, to, stepOn(screen, screen.motion, nowMs)),
      target: hasArrived ? null : target,
      reporting: reporting && { ...reporting, exact: { x, y }, accepted: { x, y } },
    };
    return screen.heading === null ? arrive(stepped) : keepHeading(stepped);
  }
  const actor = screen.actors.get(charId);
  if (actor === undefined) return only(screen);
  const motion = stepTo(actor.motion, to, stepOn(screen, actor.motion, nowMs));
  return only({ ...screen, actors: new Map(screen.actors).set(charId, { ...actor, x, y, motion }) });
}

/** Steps that are farther apart are shown as if the actor had stood between them. */
const reportMsMax = 600;
const reportMsUsual = 120;

/**
 * Where clients report, a step takes about as long as the time since the step before, so that the actor glides
 * whatever the pace of its client is.
 */
function stepOn({ place }: MapScreen, { startMs }: Motion, nowMs: number): StepOptions {
  const { movement, stepMs } = place;
  if (movement === null) return { nowMs, durationMs: stepMs, jumpCells: 2 };
  const passedMs = nowMs - startMs;
  return {
    nowMs,
    durationMs: passedMs > reportMsMax ? reportMsUsual : passedMs,
    jumpCells: 2 + movement.greatestSpeed / unitsPerCellOf(place),
  };
}
