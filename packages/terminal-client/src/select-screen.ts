import type { CharacterSummary } from "@sallyport/sdk";
import { edited, moved } from "./key-input.ts";
import type { Key } from "./keys.ts";
import type { SelectScreen, State, Step } from "./state.ts";
import { perform, stay, trouble } from "./step.ts";

/** No world allows longer names. Most worlds allow only shorter names. */
const nameCharsMax = 23;

export const inSlot = ({ characters }: SelectScreen, slot: number): CharacterSummary | undefined =>
  characters.find((character) => character.slot === slot);

export function updateSelect(state: State, screen: SelectScreen, key: Key): Step {
  const set = (change: Partial<SelectScreen>): Step => stay({ ...state, screen: { ...screen, ...change } });
  if (screen.creating !== null) return create(state, screen, screen.creating, key);
  if (screen.deleting !== null) {
    if (key.type === "text" && key.text === "y") {
      return perform(state, { type: "delete", charId: screen.deleting.charId });
    }
    return set({ deleting: null });
  }
  const chosen = moved(key, screen.chosen, screen.slotCount);
  if (chosen !== null) return set({ chosen });
  const character = inSlot(screen, screen.chosen);
  if (key.type === "named") {
    if (key.name === "escape") return perform(state, { type: "log-out" });
    if (key.name !== "enter") return stay(state);
    return character === undefined
      ? set({ creating: "" })
      : perform(state, { type: "choose", charId: character.charId });
  }
  if (key.text === "q") return perform(state, { type: "log-out" });
  if (key.text === "d" && character !== undefined) return set({ deleting: character });
  if (key.text === "n") return chooseFree(state, screen);
  return stay(state);
}

function chooseFree(state: State, screen: SelectScreen): Step {
  const slots = Array.from({ length: screen.slotCount }, (_, slot) => slot);
  const free = slots.find((slot) => inSlot(screen, slot) === undefined);
  if (free === undefined) return stay({ ...state, notice: trouble("There is no room for another.") });
  return stay({ ...state, screen: { ...screen, chosen: free, creating: "" } });
}

function create(state: State, screen: SelectScreen, typed: string, key: Key): Step {
  const set = (creating: string | null): Step => stay({ ...state, screen: { ...screen, creating } });
  if (key.type === "named" && key.name === "escape") return set(null);
  if (key.type === "named" && key.name === "enter") {
    return typed === "" ? set(null) : perform(state, { type: "create", slot: screen.chosen, name: typed });
  }
  return set(edited(key, typed, nameCharsMax) ?? typed);
}
