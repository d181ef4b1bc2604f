import { titleOf } from "../belongings.ts";
import { HeldKeys } from "../held-keys.ts";
import type { LogLine, MapScreen, Seen } from "../map-screen.ts";
import { BelongingsView } from "./belongings-view.ts";
import { conversationView } from "./conversation-view.ts";
import { button, element, say } from "./dom.ts";
import { Painter, type PainterOptions } from "./painter.ts";
import { returningView } from "./returning-view.ts";
import { Things } from "./things.ts";
import { UnknownEvents } from "./unknown-events.ts";
import type { ScreenAt, Stage, View } from "./view.ts";

/** The same bound as on the wire. */
const sayCharsMax = "200";
const namesMax = 8;

/** The map, the chat, and what is said about both. */
export function mapView(screen: ScreenAt<"map">, { texts, do: act }: Stage, options: PainterOptions): View {
  const canvas = element("canvas", {
    tabindex: "0",
    // With this role a screen reader passes on the keys for walking.
    role: "application",
    "aria-label": texts.map,
    "aria-describedby": "map-help",
  });
  const painter = new Painter(canvas, screen, options);
  const returning = returningView({ texts, do: act }, options.nowMs);
  const conversation = conversationView({ texts, do: act }, () => canvas.focus());
  const place = element("p", { class: "status", id: "place" });
  const things = new Things({ texts, do: act });
  const belongings = new BelongingsView({ texts, do: act });
  const unknownEvents = new UnknownEvents({ texts, do: act });
  const near = element("p", { class: "status", id: "near" });
  const log = element("ul", {
    class: "log",
    role: "log",
    "aria-live": "polite",
    "aria-label": texts.chat,
    tabindex: "0",
  });
  const input = element("input", {
    name: "say",
    maxlength: sayCharsMax,
    autocomplete: "off",
    "aria-label": texts.chatLabel,
  });
  const talk = element(
    "form",
    { class: "talk" },
    element("label", {}, input),
    element("button", {}, texts.say),
  );
  input.placeholder = texts.chatLabel;
  talk.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    input.value = "";
    if (text === "") canvas.focus();
    else act({ type: "say", text });
  });
  canvas.addEventListener("click", (event) => {
    const point = painter.pointAt(event);
    if (point !== null) act({ type: "point", ...point });
  });
  const lookAround = (): void => act({ type: "look-around" });
  const keys = listenToKeys({
    turn: (heading) => act({ type: "heading", heading }),
    talk: () => input.focus(),
    lookAround,
    toBelongings: () => belongings.focus(),
    toMap: () => canvas.focus(),
  });
  const side = element(
    "section",
    { class: "side", "aria-label": texts.chat },
    place,
    near,
    things.element,
    belongings.element,
    log,
    talk,
    element("p", { class: "hint", id: "map-help" }, texts.mapHelp),
    element(
      "p",
      { class: "actions" },
      button(texts.lookAround, lookAround),
      button(texts.toCharacters, () => act({ type: "command", command: { type: "back" } })),
    ),
    unknownEvents.element,
  );
  const shownLines = new LogList(log, texts.line);
  return {
    element: element(
      "section",
      { class: "play" },
      element("div", { class: "stage" }, canvas, conversation.element, returning.element),
      side,
    ),
    focus: canvas,
    show(state) {
      returning.show(state);
      if (state.screen.at !== "map") return;
      painter.show(state.screen);
      shownLines.show(state.screen.log);
      conversation.show(state.screen.conversation);
      things.show(state.screen);
      belongings.show(state.screen.character);
      unknownEvents.show(state.screen.unknownEvents);
      say(place, placeText(state.screen));
      say(near, nearText(state.screen));
    },
    close() {
      painter.stop();
      returning.show({ returning: null });
      keys.stop();
    },
  };

  function placeText({ position: { map, x, y } }: MapScreen): string {
    return texts.place(map, x, y);
  }

  function nearText({ actors }: MapScreen): string {
    const players = [...actors.values()].filter(({ kind }) => kind === "player");
    if (players.length === 0) return texts.nobodyNear;
    const names = players.slice(0, namesMax).map(calledFully);
    return texts.near(players.length > namesMax ? [...names, "…"] : names);
  }
}

function calledFully({ name, shown }: Seen): string {
  const title = titleOf(shown);
  return title === null ? name : `${name} (${title})`;
}

interface KeyDeeds {
  turn(heading: HeldKeys["heading"]): void;
  talk(): void;
  lookAround(): void;
  toBelongings(): void;
  toMap(): void;
}

/** Keys walk wherever the focus is, except in text fields and lists. */
function listenToKeys(deeds: KeyDeeds): { stop(): void } {
  const held = new HeldKeys();
  const stopping = new AbortController();
  const { signal } = stopping;
  const releaseAll = (): void => {
    if (held.heading === null) return;
    held.releaseAll();
    deeds.turn(null);
  };
  const isTyping = (target: EventTarget | null): boolean =>
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  const isElsewhere = (target: EventTarget | null): boolean =>
    target instanceof Element && target.closest("[role=dialog]") !== null;
  const isPressable = (target: EventTarget | null): boolean =>
    target instanceof Element && target.closest("button, summary") !== null;
  const pressed = (event: KeyboardEvent): void => {
    const { code, target, repeat } = event;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (isElsewhere(target)) return;
    if (code === "Escape") return deeds.toMap();
    if (isTyping(target)) return;
    if (held.press(code)) {
      event.preventDefault();
      if (!repeat) deeds.turn(held.heading);
    } else if (code === "KeyX") deeds.lookAround();
    else if (code === "KeyI") deeds.toBelongings();
    else if (event.key === "Enter" && !isPressable(target)) {
      event.preventDefault();
      deeds.talk();
    }
  };
  window.addEventListener("keydown", pressed, { signal });
  window.addEventListener("keyup", ({ code }) => held.release(code) && deeds.turn(held.heading), { signal });
  window.addEventListener("blur", releaseAll, { signal });
  document.addEventListener("focusin", ({ target }) => isTyping(target) && releaseAll(), { signal });
  return { stop: () => stopping.abort() };
}

/** Adds new lines to the list. A screen reader reads each line once. */
class LogList {
  readonly #list: HTMLElement;
  readonly #textOf: (line: LogLine) => string;
  #lastId = 0;

  constructor(list: HTMLElement, textOf: (line: LogLine) => string) {
    this.#list = list;
    this.#textOf = textOf;
  }

  show(lines: readonly LogLine[]): void {
    const fresh = lines.filter(({ id }) => id > this.#lastId);
    if (fresh.length === 0) return;
    this.#lastId = fresh.at(-1)?.id ?? this.#lastId;
    const items = fresh.map((line) =>
      element("li", { class: line.kind === "said" ? "said" : "event" }, this.#textOf(line)),
    );
    this.#list.append(...items);
    while (this.#list.childElementCount > lines.length) this.#list.firstElementChild?.remove();
    this.#list.scrollTop = this.#list.scrollHeight;
  }
}
