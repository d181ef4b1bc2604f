import { type Belonging, belongingsOf, type Row, type Shown } from "../belongings.ts";
import { button, element, say } from "./dom.ts";
import type { Stage } from "./view.ts";

/** What the game shows of the own character: each key, and the things in lists, with buttons to use them. */
export class BelongingsView {
  readonly element: HTMLDetailsElement;
  readonly #stage: Stage;
  readonly #summary: HTMLElement;
  readonly #list: HTMLElement;
  readonly #lines = new Map<string, Line>();
  #shown: Shown | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#summary = element("summary", {}, stage.texts.belongings);
    // A screen reader reads the lines that change. Lines stay the same elements, so the focus stays too.
    this.#list = element("ul", { "aria-label": stage.texts.belongings, "aria-live": "polite" });
    this.element = element(
      "details",
      { class: "belongings", open: true, hidden: true },
      this.#summary,
      this.#list,
    );
  }

  show(character: Shown): void {
    if (character === this.#shown) return;
    this.#shown = character;
    const wanted = belongingsOf(character).flatMap((each) => this.#linesOf(each));
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, { row }] of this.#lines) {
      if (keys.has(key)) continue;
      // The button that had the focus goes, so the focus would be lost.
      if (row.contains(document.activeElement)) this.#summary.focus();
      row.remove();
      this.#lines.delete(key);
    }
    let before: Element | null = null;
    for (const { key, text, thing } of wanted) {
      const line = this.#lines.get(key) ?? this.#newLine(key, thing);
      say(line.text, text);
      const next: Element | null = before === null ? this.#list.firstElementChild : before.nextElementSibling;
      if (next !== line.row) this.#list.insertBefore(line.row, next);
      before = line.row;
    }
    this.element.hidden = wanted.length === 0;
  }

  /** Puts the focus here, unless there is nothing to see. */
  focus(): void {
    this.element.open = true;
    if (!this.element.hidden) this.#summary.focus();
  }

  #linesOf({ key, text, rows }: Belonging): readonly Wanted[] {
    const { texts } = this.#stage;
    const name = texts.keyName(key);
    const value = text === null ? (rows.length === 0 ? texts.empty : "") : texts.meaning(key, text);
    return [
      { key, text: value === "" ? `${name}:` : `${name}: ${value}`, thing: null },
      ...rows.map((thing, index) => {
        const item = texts.itemName(thing.name);
        // A list may hold a name twice.
        const isFirst = rows.findIndex((row) => row.name === thing.name) === index;
        const of = `${key} ${thing.name}${isFirst ? "" : ` ${index}`}`;
        return { key: of, text: thing.amount === null ? item : `${item} × ${thing.amount}`, thing };
      }),
    ];
  }

  #newLine(key: string, thing: Row | null): Line {
    const { texts, do: act } = this.#stage;
    const text = element("span", { class: "name", "aria-atomic": "true" });
    const row = element("li", thing === null ? {} : { class: "thing" }, text);
    const use = thing?.use ?? null;
    if (thing !== null && use !== null)
      row.append(button(texts.useItem(texts.itemName(thing.name)), () => act(use)));
    const line = { row, text };
    this.#lines.set(key, line);
    return line;
  }
}

interface Line {
  readonly row: HTMLElement;
  readonly text: HTMLElement;
}

interface Wanted {
  readonly key: string;
  readonly text: string;
  readonly thing: Row | null;
}
