import type { Sex } from "@sallyport/domain";
import { edited, isNamed, moved } from "./key-input.ts";
import type { Key } from "./keys.ts";
import {
  type FormScreen,
  type MenuScreen,
  menuItems,
  type State,
  type Step,
  type WorldsScreen,
} from "./state.ts";
import { perform, stay } from "./step.ts";

export function updateMenu(state: State, screen: MenuScreen, key: Key): Step {
  const chosen = moved(key, screen.chosen, menuItems.length);
  if (chosen !== null) return stay({ ...state, screen: { ...screen, chosen } });
  if (key.type === "text" && key.text === "q") return perform(state, { type: "quit" });
  if (!isNamed(key, "enter")) return stay(state);
  if (menuItems[screen.chosen] === "Quit") return perform(state, { type: "quit" });
  const purpose = menuItems[screen.chosen] === "Log in" ? "log-in" : "register";
  const name = purpose === "log-in" ? screen.name : "";
  const focus = name === "" ? 0 : 1;
  return stay({ ...state, screen: { at: "form", purpose, name, password: "", sex: "female", focus } });
}

export const fieldsOf = ({ purpose }: FormScreen): readonly ("name" | "password" | "sex")[] =>
  purpose === "log-in" ? ["name", "password"] : ["name", "password", "sex"];

const nameCharsMax = 64;
const passwordCharsMax = 256;

export function updateForm(state: State, screen: FormScreen, key: Key): Step {
  const fields = fieldsOf(screen);
  const { focus, name, password, sex } = screen;
  const field = fields[focus] ?? "name";
  const set = (change: Partial<FormScreen>): Step => stay({ ...state, screen: { ...screen, ...change } });
  if (isNamed(key, "escape")) return stay({ ...state, screen: { at: "menu", chosen: 0, name } });
  if (isNamed(key, "down") || isNamed(key, "tab")) return set({ focus: (focus + 1) % fields.length });
  if (isNamed(key, "up")) return set({ focus: (focus + fields.length - 1) % fields.length });
  if (isNamed(key, "enter")) {
    if (focus < fields.length - 1) return set({ focus: focus + 1 });
    if (name === "" || password === "") return set({ focus: name === "" ? 0 : 1 });
    return screen.purpose === "log-in"
      ? perform(state, { type: "log-in", name, password })
      : perform(state, { type: "register", name, password, sex });
  }
  if (field === "sex") return changesSex(key) ? set({ sex: otherSex(sex) }) : stay(state);
  const text = edited(key, screen[field], field === "name" ? nameCharsMax : passwordCharsMax);
  return text === null ? stay(state) : set({ [field]: text });
}

const changesSex = (key: Key): boolean =>
  isNamed(key, "left") || isNamed(key, "right") || (key.type === "text" && key.text === " ");
const otherSex = (sex: Sex): Sex => (sex === "female" ? "male" : "female");

export function updateWorlds(state: State, screen: WorldsScreen, key: Key): Step {
  const chosen = moved(key, screen.chosen, screen.worlds.length);
  if (chosen !== null) return stay({ ...state, screen: { ...screen, chosen } });
  if (isNamed(key, "escape") || (key.type === "text" && key.text === "q")) {
    return stay({ ...state, screen: { at: "menu", chosen: 0, name: screen.name } });
  }
  const world = screen.worlds[screen.chosen];
  if (!isNamed(key, "enter") || world === undefined) return stay(state);
  return perform(state, { type: "enter-world", world });
}
