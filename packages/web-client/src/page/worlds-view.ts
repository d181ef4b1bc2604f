import { button, element } from "./dom.ts";
import type { ScreenAt, Stage, View } from "./view.ts";

/** The list of worlds. It is shown only if there is more than one. */
export function worldsView({ worlds }: ScreenAt<"worlds">, { texts, do: act }: Stage): View {
  const heading = element("h2", { tabindex: "-1" }, texts.chooseWorld);
  const rows = worlds.map((world) =>
    element(
      "li",
      {},
      button(`${world.name}, ${texts.players(world.players)}`, () =>
        act({ type: "command", command: { type: "enter-world", world } }),
      ),
    ),
  );
  return {
    element: element("section", { class: "sheet" }, heading, element("ul", { class: "rows" }, ...rows)),
    focus: heading,
    show() {},
  };
}
