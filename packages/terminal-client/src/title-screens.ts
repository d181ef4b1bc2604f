import { emailUnitsMax, type Sex } from "@sallyport/domain";
import { edited, isNamed, moved } from "./key-input.ts";
import type { Key } from "./keys.ts";
import {
  type Command,
  emptyForm,
  type FormPurpose,
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
  const purpose = purposes[menuItems[screen.chosen] ?? "Log in"] ?? "log-in";
  return stay({ ...state, screen: emptyForm(purpose, purpose === "log-in" ? screen.name : "") });
}

const purposes: { readonly [item: string]: FormPurpose } = {
  "Log in": "log-in",
  Register: "register",
  "Forgot my password": "ask-reset",
  "I have a code": "reset",
};

type FieldName = "name" | "email" | "invitation" | "code" | "password" | "sex";

const fields: { readonly [P in FormPurpose]: readonly FieldName[] } = {
  "log-in": ["name", "password"],
  register: ["name", "password", "sex", "email", "invitation"],
  "ask-reset": ["email"],
  reset: ["code", "password"],
  confirm: ["code"],
};
export const fieldsOf = ({ purpose }: FormScreen): readonly FieldName[] => fields[purpose];

/** A new account needs a name or an e-mail address. The server says whether it needs more. */
function isMissing(screen: FormScreen, field: FieldName): boolean {
  if (screen[field] !== "") return false;
  if (screen.purpose !== "register") return true;
  return field === "name" ? screen.email === "" : field === "password";
}

/** The field to which Enter leads. Null: Enter sends the form. */
export function afterEnter(screen: FormScreen): number | null {
  const fields = fieldsOf(screen);
  // Few players need the fields after the sex, so Enter does not lead there.
  const last = fields.includes("sex") ? fields.indexOf("sex") : fields.length - 1;
  if (screen.focus < last) return screen.focus + 1;
  const missing = fields.findIndex((each) => isMissing(screen, each));
  return missing < 0 ? null : missing;
}

const charsMax: { readonly [F in Exclude<FieldName, "sex">]: number } = {
  ...{ name: emailUnitsMax, email: emailUnitsMax, invitation: 64, code: 64, password: 256 },
};

function commandOf({ purpose, name, email, invitation, code, password, sex }: FormScreen): Command {
  switch (purpose) {
    case "log-in":
      return { type: "log-in", name, password };
    case "register":
      return { type: "register", name, email, invitation, password, sex };
    case "ask-reset":
      return { type: "ask-reset", email };
    case "reset":
      return { type: "reset", code, newPassword: password };
    case "confirm":
      return { type: "confirm", code };
  }
}

export function updateForm(state: State, screen: FormScreen, key: Key): Step {
  const fields = fieldsOf(screen);
  const { focus, name, sex } = screen;
  const field = fields[focus] ?? "name";
  const set = (change: Partial<FormScreen>): Step => stay({ ...state, screen: { ...screen, ...change } });
  if (isNamed(key, "escape")) return stay({ ...state, screen: { at: "menu", chosen: 0, name } });
  if (isNamed(key, "down") || isNamed(key, "tab")) return set({ focus: (focus + 1) % fields.length });
  if (isNamed(key, "up")) return set({ focus: (focus + fields.length - 1) % fields.length });
  if (isNamed(key, "enter")) {
    const next = afterEnter(screen);
    return next === null ? perform(state, commandOf(screen)) : set({ focus: next });
  }
  if (field === "sex") return changesSex(key) ? set({ sex: otherSex(sex) }) : stay(state);
  const text = edited(key, screen[field], charsMax[field]);
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
