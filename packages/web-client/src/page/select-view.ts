import type { CharacterSummary } from "@sallyport/sdk";
import type { State } from "../state.ts";
import { button, element, field } from "./dom.ts";
import type { ScreenAt, Stage, View } from "./view.ts";

/** No world allows longer names. Most worlds allow only shorter names. */
const nameCharsMax = "23";

/** The characters of the account, and the form for a new one. */
export function selectView({ slotCount }: ScreenAt<"select">, { texts, do: act }: Stage): View {
  const heading = element("h2", { tabindex: "-1" }, texts.characters);
  const list = element("ul", { class: "rows" });
  const nobody = element("p", {}, texts.noCharacters);
  const full = element("p", { class: "hint" }, texts.slotsFull);
  const name = field({
    name: "character",
    label: texts.characterName,
    autocomplete: "off",
    spellcheck: "false",
    maxlength: nameCharsMax,
  });
  const create = element(
    "form",
    {},
    element("h3", {}, texts.newCharacter),
    name.row,
    element("button", {}, texts.create),
  );
  let slot: number | undefined;
  create.addEventListener("submit", (event) => {
    event.preventDefault();
    if (slot !== undefined)
      act({ type: "command", command: { type: "create", slot, name: name.input.value.trim() } });
  });
  const logOut = button(texts.logOut, () => act({ type: "command", command: { type: "log-out" } }));

  const row = (character: CharacterSummary, isDeleting: boolean): HTMLElement => {
    const { charId, position } = character;
    const place = texts.place(position.map, position.x, position.y);
    const label = element("span", { class: "name" }, `${character.name}, ${place}`);
    if (isDeleting) {
      const question = element("span", { class: "name" }, texts.removeForGood(character.name));
      const yes = button(texts.removeYes, () =>
        act({ type: "command", command: { type: "delete", charId } }),
      );
      const no = button(texts.removeNo, () => act({ type: "ask-delete", character: null }), {
        class: "main",
      });
      return element("li", {}, question, yes, no);
    }
    const play = button(
      texts.play(character.name),
      () => act({ type: "command", command: { type: "choose", charId } }),
      {
        class: "main",
      },
    );
    const remove = button(texts.remove(character.name), () => act({ type: "ask-delete", character }));
    return element("li", {}, label, play, remove);
  };

  let shown: unknown;
  return {
    element: element(
      "section",
      { class: "sheet" },
      heading,
      nobody,
      list,
      create,
      full,
      element("p", { class: "actions" }, logOut),
    ),
    focus: heading,
    show({ screen }: State) {
      if (screen.at !== "select" || screen === shown) return;
      const isFirst = shown === undefined;
      shown = screen;
      const { characters, deleting } = screen;
      const rows = characters.map((character) => row(character, character.charId === deleting?.charId));
      list.replaceChildren(...rows);
      nobody.hidden = characters.length > 0;
      const slots = Array.from({ length: slotCount }, (_, index) => index);
      slot = slots.find((index) => characters.every((character) => character.slot !== index));
      create.hidden = slot === undefined;
      full.hidden = slot !== undefined;
      create.reset();
      if (isFirst) return;
      // The list is new, so the focus would be lost. It goes to the safe answer, or to the newest character.
      const index = characters.findIndex(({ charId }) => charId === deleting?.charId);
      const next = (rows[index] ?? rows.at(-1))?.querySelector<HTMLElement>("button.main");
      (next ?? name.input).focus();
    },
  };
}
