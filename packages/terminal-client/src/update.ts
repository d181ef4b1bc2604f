import { printable } from "@sallyport/command-line";
import {
  bans,
  describeExplained,
  describeRefusal,
  type EndReason,
  type Explained,
  type NameKind,
  type Refusal,
} from "@sallyport/sdk";
import type { Key } from "./keys.ts";
import { applyGameEvent, doneWords, mapScreen, updateMap } from "./map-screen.ts";
import { updateSelect } from "./select-screen.ts";
import {
  type Command,
  emptyForm,
  type Happening,
  type MenuScreen,
  type Standing,
  type State,
  type Step,
} from "./state.ts";
import { news, perform, stay, trouble } from "./step.ts";
import { fieldsOf, updateForm, updateMenu, updateWorlds } from "./title-screens.ts";

/** Short enough for a countdown in seconds. */
export const tickMs = 500;

/** Maximum number of keys that wait while a command is under way. Later keys are dropped. */
const keysAheadMax = 32;

export function update(state: State, happening: Happening, nowMs: number): Step {
  let step = react(state, happening, nowMs);
  for (;;) {
    const [key, ...keysAhead] = step.state.keysAhead;
    if (key === undefined || step.state.busy !== null) return step;
    const next = onKey({ ...step.state, keysAhead }, key, nowMs);
    step = { state: next.state, commands: [...step.commands, ...next.commands] };
  }
}

function react(state: State, happening: Happening, nowMs: number): Step {
  switch (happening.type) {
    case "key":
      return onKey(state, happening.key, nowMs);
    case "tick":
      return onTick(state, nowMs);
    case "registered": {
      const { name, password } = happening;
      // The name is the e-mail address if the account has no name.
      const screen = state.screen.at === "form" ? { ...state.screen, name } : state.screen;
      return perform(
        { ...state, screen, notice: news(`Welcome, ${name}.`) },
        { type: "log-in", name, password },
      );
    }
    case "mailed":
      return stay({
        ...answered(state),
        screen: emptyForm(happening.next, accountOf(state)),
        notice: news(happening.news),
      });
    case "logged-in":
      return onLoggedIn(state, happening);
    case "selecting": {
      const { characters, slotCount } = happening;
      const list = { at: "select", name: accountOf(state), characters, slotCount } as const;
      return stay({ ...answered(state), screen: { ...list, chosen: 0, creating: null, deleting: null } });
    }
    case "characters": {
      const { characters } = happening;
      if (state.screen.at !== "select") return stay(answered(state));
      const screen = { ...state.screen, characters, creating: null, deleting: null };
      return stay({ ...answered(state), screen, notice: news(happening.news) });
    }
    case "entered":
      return stay({ ...answered(state), screen: mapScreen(accountOf(state), happening.place) });
    case "logged-out":
      return stay({ ...answered(state), screen: menuOf(state) });
    case "done": {
      const words = doneWords(happening.command);
      return stay(words === null ? state : { ...state, notice: news(words) });
    }
    case "rooms": {
      const { names } = happening;
      const words = names === null ? "No room is open." : `Open rooms: ${printable(names)}.`;
      return stay({ ...state, notice: news(words) });
    }
    case "walked":
    case "reported":
    case "game-event":
      return state.screen.at === "map"
        ? stay({ ...state, screen: applyGameEvent(state.screen, happening, nowMs) })
        : stay(state);
    case "refused":
      return onRefused(state, happening, nowMs);
    case "ended":
      return stay({
        ...answered(state),
        screen: menuOf(state),
        notice: trouble(described(happening.reason, happening.explained)),
        keysAhead: [],
      });
  }
}

const answered = (state: State): State => ({ ...state, busy: null, retry: null, notice: null });
const accountOf = ({ screen }: State): string => screen.name;
const menuOf = (state: State): MenuScreen => ({ at: "menu", chosen: 0, name: accountOf(state) });

function onKey(state: State, key: Key, nowMs: number): Step {
  if (key.type === "named" && key.name === "interrupt") {
    if (state.isQuitting) return { state, commands: [{ type: "abandon" }] };
    return perform(state, { type: "quit" });
  }
  if (state.busy !== null)
    return stay({ ...state, keysAhead: [...state.keysAhead, key].slice(0, keysAheadMax) });
  if (state.retry !== null) return onRetryKey(state, key, nowMs);
  const { screen } = state;
  const told = { ...state, notice: null };
  switch (screen.at) {
    case "menu":
      return updateMenu(told, screen, key);
    case "form":
      return updateForm(told, screen, key);
    case "worlds":
      return updateWorlds(told, screen, key);
    case "select":
      return updateSelect(told, screen, key);
    case "map":
      return updateMap(told, screen, key, nowMs);
  }
}

function onRetryKey(state: State, key: Key, nowMs: number): Step {
  const { retry } = state;
  if (retry === null) return stay(state);
  const isYes = key.type === "named" ? key.name === "enter" : key.text === "r";
  if (isYes) return onTick({ ...state, retry: { ...retry, isArmed: true } }, nowMs);
  const isNo = key.type === "named" && key.name === "escape";
  return stay(isNo ? { ...state, retry: null, notice: null, isQuitting: false } : state);
}

function onTick(state: State, nowMs: number): Step {
  const { retry } = state;
  if (retry === null || !retry.isArmed || nowMs < retry.dueMs) return stay(state);
  return perform({ ...state, retry: null, notice: null }, retry.command);
}

function onLoggedIn(state: State, { worlds }: Extract<Happening, { type: "logged-in" }>): Step {
  const [first, ...others] = worlds;
  const next = answered(state);
  if (first === undefined)
    return stay({ ...next, screen: menuOf(state), notice: trouble(describeRefusal("no-world")) });
  const screen = { at: "worlds", name: accountOf(state), worlds, chosen: 0 } as const;
  if (others.length > 0) return stay({ ...next, screen });
  return perform({ ...next, screen: menuOf(state) }, { type: "enter-world", world: first });
}

function onRefused(state: State, refused: Extract<Happening, { type: "refused" }>, nowMs: number): Step {
  const { command, refusal, retryAfterMs, standing, why = null, explained } = refused;
  if (inPassing.has(command.type)) return onRefusedInPassing(state, refusal, why);
  const next: State = {
    ...answered(state),
    screen:
      refusal === "email-unconfirmed"
        ? emptyForm("confirm", accountOf(state))
        : withoutPassword(screenAfter(state, standing), refusal),
    keysAhead: [],
    notice: trouble(
      refusal === "unreachable"
        ? explain(state, command, why)
        : described(refusal, explained, command.type === "create" ? "character" : "account"),
    ),
    isQuitting: false,
  };
  // Nobody waits for the end of a ban.
  if (retryAfterMs === undefined || bans.has(refusal)) return stay(next);
  return stay({ ...next, retry: { command, dueMs: nowMs + retryAfterMs, isArmed: false } });
}

/** Commands during which the player plays on. */
const inPassing: ReadonlySet<Command["type"]> = new Set<Command["type"]>([
  ...(["walk", "report", "enter-room", "say", "click", "take", "answer", "buy", "send", "order"] as const),
]);

/**
 * Handles the refusal of a command in passing. A command that is under way continues. A walk into a wall
 * shows no message.
 */
function onRefusedInPassing(state: State, refusal: Refusal, why: string | null): Step {
  const { screen } = state;
  if (screen.at !== "map") return stay(state);
  const told = why === null ? describeRefusal(refusal) : `${describeRefusal(refusal)} (${why})`;
  const notice = refusal === "no-path" ? state.notice : trouble(told);
  return stay({ ...state, screen: { ...screen, target: null }, notice });
}

/** Returns to the menu if the screen needs a connection that is gone. */
function screenAfter(state: State, standing: Standing): State["screen"] {
  const { screen } = state;
  const isInside = screen.at === "select" || screen.at === "map";
  return isInside && standing === "outside" ? menuOf(state) : screen;
}

/** Clears a refused password, so that the player types a new one and does not append to it. */
function withoutPassword(screen: State["screen"], refusal: Refusal): State["screen"] {
  const isRefused = refusal === "wrong-name-or-password" || refusal === "password-invalid";
  if (screen.at !== "form" || !isRefused) return screen;
  return { ...screen, password: "", focus: fieldsOf(screen).indexOf("password") };
}

/** An operator wrote the text, and may have copied anything into it. */
const described = (
  code: Refusal | EndReason,
  explained: Explained | undefined,
  about: NameKind = "account",
): string =>
  printable(
    explained === undefined ? describeRefusal(code, about) : describeExplained(code, explained, about),
  );

function explain({ server }: State, command: Command, why: string | null): string {
  if (why !== null && !why.endsWith("ECONNREFUSED")) return `Could not be reached: ${why}.`;
  if (command.type === "log-in" || command.type === "register") {
    return `Nothing listens on ${server.host}:${server.port}. Start it with npm start.`;
  }
  if (command.type === "enter-world") {
    return `Nothing answers at ${command.world.host}:${command.world.port}, where the world should be.`;
  }
  return describeRefusal("unreachable");
}
