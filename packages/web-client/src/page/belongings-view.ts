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
    for (const each of wanted) {
      const line = this.#lines.get(each.key) ?? this.#newLine(each);
      say(line.text, each.text);
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
    if (text !== null) return [line("fact", [key], `${name}: ${texts.meaning(key, text)}`)];
    const head = line("list", [key], rows.length === 0 ? `${name}: ${texts.empty}` : `${name}:`);
    const things = rows.map((row, index) => {
      const item = texts.itemName(row.name);
      // A list may hold a name twice.
      const copy = rows.findIndex((other) => other.name === row.name) === index ? 0 : index;
      const said = row.amount === null ? item : `${item} × ${row.amount}`;
      return { ...line("thing", [key, row.name, copy], said), row };
    });
    return [head, ...things];
  }

  #newLine({ key, kind, row }: Wanted): Line {
    const { texts, do: act } = this.#stage;
    const text = element("span", { class: "name", "aria-atomic": "true" });
    const item = element("li", { class: kind }, text);
    const use = row?.use ?? null;
    if (row !== null && use !== null)
      item.append(button(texts.useItem(texts.itemName(row.name)), () => act(use)));
    const made = { row: item, text };
    this.#lines.set(key, made);
    return made;
  }
}

interface Line {
  readonly row: HTMLElement;
  readonly text: HTMLElement;
}

interface Wanted {
  /** Tells this line from all others. */
  readonly key: string;
  readonly kind: "fact" | "list" | "thing";
  readonly text: string;
  readonly row: Row | null;
}

const line = (kind: Wanted["kind"], path: readonly unknown[], text: string): Wanted => ({
  key: JSON.stringify([kind, ...path]),
  ...{ kind, text, row: null },
});
