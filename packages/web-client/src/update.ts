import type { CharId } from "@sallyport/domain";
import { answer, bought, buy, point, refuse, use } from "./acting.ts";
import { applyGameEvent } from "./map-events.ts";
import {
  enteredAgain,
  lookAround,
  type MapCommand,
  type MapScreen,
  type MapStep,
  mapScreen,
  only,
} from "./map-screen.ts";
import { isStriding, reported, reportRefused, stride } from "./reporting.ts";
import { afterEnd, firstReturn, nextReturn, type Returning } from "./returning.ts";
import type { Command, Happening, MapDeed, MenuCommand, Moment, Screen, State, Step } from "./state.ts";
import { head } from "./walking.ts";

export function update(state: State, happening: Happening, moment: Moment): Step {
  switch (happening.type) {
    case "form":
      return stay({ ...state, notice: null, screen: { at: "title", form: happening.form } });
    case "speak":
      return remember({ ...state, language: happening.language });
    case "command":
      return onCommand(state, happening.command);
    case "ask-delete":
      if (state.screen.at !== "select") return stay(state);
      return stay({ ...state, screen: { ...state.screen, deleting: happening.character } });
    case "heading":
    case "look-around":
    case "point":
    case "use":
    case "answer":
    case "say":
    case "buy":
    case "send":
      return onMap(state, (screen) => thenStride(actOnMap(screen, happening), state, moment));
    case "come-back":
      return comeBack(state);
    case "give-up":
      return { state: outside({ ...state, notice: null }), commands: [{ type: "forget" }] };
    case "tick":
      return onTick(state, moment);
    case "registered": {
      const { name, password } = happening;
      const next: State = { ...state, notice: { kind: "news", news: "welcome", name } };
      return perform(next, { type: "log-in", name, password });
    }
    case "mailed":
      return stay({
        ...answered(state),
        screen: { at: "title", form: happening.news === "letter-sent" ? "reset" : "log-in" },
        notice: { kind: "news", news: happening.news, name: "" },
      });
    case "logged-in":
      return onLoggedIn(state, happening);
    case "selecting": {
      const { characters, slotCount } = happening;
      const isNew = state.notice?.kind === "news";
      const notice = isNew ? state.notice : null;
      return stay({
        ...answered(state),
        notice,
        screen: { at: "select", characters, slotCount, deleting: null },
      });
    }
    case "characters": {
      const { characters, news, name } = happening;
      if (state.screen.at !== "select") return stay(answered(state));
      const screen = { ...state.screen, characters, deleting: null };
      return stay({ ...answered(state), screen, notice: { kind: "news", news, name } });
    }
    case "entered": {
      const { screen } = state;
      const next = screen.at === "map" ? enteredAgain(screen, happening.place) : mapScreen(happening.place);
      return stay({ ...answered(state), screen: next });
    }
    case "logged-out":
      return stay(outside(state));
    case "walked": {
      const stands = happening.steps === 0;
      return onMap(state, (screen) => only(stands ? { ...screen, target: null } : screen));
    }
    case "reported":
      return onMap(state, (screen) => reported(screen, happening.command));
    case "accepted":
      return stay(state);
    case "bought":
      return onMap(state, (screen) => only(bought(screen, happening.command)));
    case "game-event":
      return onMap(state, (screen) => applyGameEvent(screen, happening.event, moment.nowMs));
    case "refused":
      return onRefused(state, happening, moment);
    case "ended":
      return onEnded(state, happening, moment);
  }
}

const stay = (state: State): Step => ({ state, commands: [] });
const answered = (state: State): State => ({ ...state, busy: null, notice: null, returning: null });
const outside = (state: State): State => ({
  ...state,
  busy: null,
  returning: null,
  screen: { at: "title", form: "log-in" },
});

/** Starts a command, and shows that it is under way. */
const perform = (state: State, command: Command): Step => ({
  state: { ...state, busy: command.type },
  commands: [command],
});

function remember(state: State): Step {
  const { language, accountName } = state;
  return { state, commands: [{ type: "remember", language, accountName }] };
}

function onCommand(state: State, command: MenuCommand): Step {
  if (state.returning !== null) return stay(state);
  if (state.busy !== null) return stay(state);
  const isNamed = command.type === "log-in" || command.type === "register";
  const accountName = isNamed ? command.name : state.accountName;
  return perform({ ...state, accountName, notice: null }, command);
}

/** Changes the map screen. While the connection is lost, nothing is asked of the server. */
function onMap(state: State, change: (screen: MapScreen) => MapStep): Step {
  if (state.screen.at !== "map") return stay(state);
  const { screen, commands } = change(state.screen);
  return { state: { ...state, screen }, commands: state.returning === null ? commands : [] };
}

function actOnMap(screen: MapScreen, deed: MapDeed): MapStep {
  switch (deed.type) {
    case "heading":
      return head(screen, deed.heading);
    case "look-around":
      return only(lookAround(screen));
    case "point":
      return point(screen, deed);
    case "use":
      return use(screen, deed.actor);
    case "answer":
      return answer(screen, deed.answer);
    case "say":
      return { screen, commands: [{ type: "say", text: deed.text }] };
    case "send":
      return { screen, commands: [deed] };
    case "buy":
      return buy(screen, deed);
  }
}

/** A player that has just set off does not wait for the next tick. */
function thenStride(step: MapStep, { returning }: State, { nowMs }: Moment): MapStep {
  if (returning !== null) return step;
  const { screen, commands } = stride(step.screen, nowMs);
  return { screen, commands: [...step.commands, ...commands] };
}

const mapCommands: ReadonlySet<string> = new Set<MapCommand["type"]>([
  "walk",
  "report",
  "say",
  "click",
  "take",
  "answer",
  "buy",
  "send",
]);
const isMapCommand = (command: Command): command is MapCommand => mapCommands.has(command.type);

function onLoggedIn(state: State, { worlds }: Extract<Happening, { type: "logged-in" }>): Step {
  const [first, ...others] = worlds;
  const { notice } = state;
  const { state: next, commands } = remember({ ...answered(state), notice });
  if (first === undefined)
    return stay({ ...outside(next), notice: { kind: "trouble", refusal: "no-world", explained: null } });
  if (others.length > 0) return { state: { ...next, screen: { at: "worlds", worlds } }, commands };
  const entering = perform(next, { type: "enter-world", world: first });
  return { state: entering.state, commands: [...commands, ...entering.commands] };
}

function onRefused(state: State, refused: Extract<Happening, { type: "refused" }>, moment: Moment): Step {
  const { command, refusal, isOutside, explained = null } = refused;
  if (command.type === "report")
    return onMap(state, (screen) => only(reportRefused(screen, command, moment.nowMs)));
  if (isMapCommand(command)) return onMap(state, (screen) => refuse(screen, { ...refused, command }));
  if (command.type === "return") return onReturnRefused(state, refused, moment);
  const next: State = { ...state, busy: null, notice: { kind: "trouble", refusal, explained } };
  if (refusal === "email-unconfirmed") return stay({ ...next, screen: { at: "title", form: "confirm" } });
  const isInside = state.screen.at === "select" || state.screen.at === "map";
  return stay(isInside && isOutside ? { ...next, screen: { at: "title", form: "log-in" } } : next);
}

/** A connection is lost. Keeps the screen, so that the player sees the last picture until the way back ends. */
function onEnded(state: State, ended: Extract<Happening, { type: "ended" }>, moment: Moment): Step {
  const { reason, explained = null } = ended;
  const charId = playedBy(state.screen);
  const quiet: State = { ...state, busy: null, notice: null };
  if (afterEnd[reason] === "by-hand")
    return stay(endedState(quiet, { reason, refusal: null, explained, charId }));
  return stay({ ...quiet, returning: firstReturn({ reason, charId }, moment) });
}

const playedBy = (screen: Screen): CharId | null => (screen.at === "map" ? screen.place.charId : null);

function endedState(state: State, ended: Omit<Extract<Screen, { at: "ended" }>, "at">): State {
  return { ...state, busy: null, notice: null, returning: null, screen: { at: "ended", ...ended } };
}

/** Whether time changes the state. */
export const isTimed = ({ returning, screen }: State): boolean =>
  returning !== null || (screen.at === "map" && isStriding(screen));

function onTick(state: State, { nowMs }: Moment): Step {
  const { returning } = state;
  if (returning === null) return onMap(state, (screen) => stride(screen, nowMs));
  if (returning.dueMs === null || nowMs < returning.dueMs) return stay(state);
  return attempt(state, returning);
}

function attempt(state: State, returning: Returning): Step {
  const next: State = { ...state, notice: null, returning: { ...returning, dueMs: null } };
  return perform(next, { type: "return", charId: returning.charId });
}

/** The player asks to come back at once. */
function comeBack(state: State): Step {
  const { returning, screen } = state;
  if (returning !== null) return returning.dueMs === null ? stay(state) : attempt(state, returning);
  if (screen.at !== "ended") return stay(state);
  const { reason, charId } = screen;
  return attempt(state, { reason, charId, attempt: 1, dueMs: null });
}

function onReturnRefused(
  state: State,
  refused: Extract<Happening, { type: "refused" }>,
  moment: Moment,
): Step {
  const { returning } = state;
  if (returning === null) return stay({ ...state, busy: null });
  const { refusal, explained = null } = refused;
  const next = nextReturn(returning, refused, moment);
  if (next !== null) return stay({ ...state, busy: null, returning: next });
  const { reason, charId } = returning;
  return stay(endedState(state, { reason, refusal, explained, charId }));
}
