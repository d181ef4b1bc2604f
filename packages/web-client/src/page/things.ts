import { distanceCells } from "@sallyport/domain";
import type { MapScreen } from "../map-screen.ts";
import { verbFor } from "../pictures.ts";
import { button, element } from "./dom.ts";
import type { Stage } from "./view.ts";

const thingsMax = 8;

/** Buttons for the nearest actors that are no players, for those who do not point at the map. */
export class Things {
  readonly element: HTMLElement;
  readonly #stage: Stage;
  #shown = "";

  constructor(stage: Stage) {
    this.#stage = stage;
    this.element = element("ul", { class: "things", "aria-label": stage.texts.things, hidden: true });
  }

  show({ actors, position }: MapScreen): void {
    const { texts, do: act } = this.#stage;
    const near = [...actors.values()]
      .flatMap((actor) =>
        actor.kind === "player" ? [] : [{ ...actor, text: texts.use[verbFor(actor)](actor.name) }],
      )
      .sort((a, b) => distanceCells(a, position) - distanceCells(b, position))
      .slice(0, thingsMax)
      .map(({ charId, text }) => ({ charId, text }))
      // Their order does not change with each step, so that a button stays where the player looks.
      .sort((a, b) => a.charId - b.charId);
    const shown = JSON.stringify(near);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset["actor"] : undefined;
    const rows = near.map(({ charId, text }) =>
      element(
        "li",
        {},
        button(text, () => act({ type: "use", actor: charId }), { "data-actor": String(charId) }),
      ),
    );
    this.element.replaceChildren(...rows);
    this.element.hidden = rows.length === 0;
    if (focused !== undefined) this.element.querySelector<HTMLElement>(`[data-actor="${focused}"]`)?.focus();
  }
}
