import { element } from "./dom.ts";
import type { Stage } from "./view.ts";

/** The names of events that the page does not know, for the author of a game. */
export class UnknownEvents {
  readonly element: HTMLElement;
  readonly #list = element("ul");
  #shown: ReadonlyMap<string, number> | null = null;

  constructor({ texts }: Stage) {
    this.element = element(
      "details",
      { class: "unknown-events", hidden: true },
      element("summary", {}, texts.unknownEvents),
      this.#list,
    );
  }

  show(events: ReadonlyMap<string, number>): void {
    if (events === this.#shown) return;
    this.#shown = events;
    this.#list.replaceChildren(
      ...[...events].map(([name, count]) => element("li", {}, `${name} × ${count}`)),
    );
    this.element.hidden = events.size === 0;
  }
}
