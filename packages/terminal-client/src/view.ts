import { columnsOf, counted, printable } from "@sallyport/command-line";
import { viewMap } from "./map-view.ts";
import { type Line, line, type Size, span } from "./paint.ts";
import { inSlot } from "./select-screen.ts";
import {
  type FormPurpose,
  type FormScreen,
  type MenuScreen,
  menuItems,
  type Retry,
  type SelectScreen,
  type State,
  type WorldsScreen,
} from "./state.ts";
import { clipStart, wrap } from "./text.ts";
import { afterEnter, fieldsOf } from "./title-screens.ts";

const leastSize: Size = { columns: 40, rows: 14 };

/** Returns the whole picture, with one line for each row. */
export function view(state: State, size: Size, nowMs: number): Line[] {
  if (size.columns < leastSize.columns || size.rows < leastSize.rows) {
    return [line("This window is too small."), line(`It takes ${leastSize.columns} by ${leastSize.rows}.`)];
  }
  const footer = footerOf(state, size.columns, nowMs);
  const { screen } = state;
  const room = { ...size, rows: size.rows - footer.length };
  const body = screen.at === "map" ? viewMap(screen, room) : viewTitle(state, room);
  const padding = Array.from({ length: Math.max(0, room.rows - body.length) }, () => line(""));
  return [...body.slice(0, room.rows), ...padding, ...footer];
}

function footerOf(state: State, columns: number, nowMs: number): Line[] {
  const { busy, notice, retry } = state;
  if (busy !== null) return [line(` ${busy}`, "bold")];
  const style = notice?.kind === "trouble" ? "trouble" : "bold";
  const told = notice === null ? [] : wrap(notice.text, columns - 2).map((text) => line(` ${text}`, style));
  if (retry !== null) return [...told, line(` ${describeRetry(retry, nowMs)}`, "bold")];
  return told.length > 0 ? told : [line(` ${keysOf(state)}`, "dim")];
}

function describeRetry({ dueMs, isArmed }: Retry, nowMs: number): string {
  const leftMs = Math.max(0, dueMs - nowMs);
  const when = leftMs === 0 ? "" : ` in ${Math.ceil(leftMs / 1_000)} s`;
  return isArmed ? `Trying again${when}.  Esc: no` : `Enter: try again${when}  Esc: no`;
}

function keysOf({ screen }: State): string {
  switch (screen.at) {
    case "menu":
      return "arrows: choose  Enter: go on  q: quit";
    case "form":
      return keysOfForm(screen);
    case "worlds":
      return "arrows: choose  Enter: go there  Esc: back";
    case "select":
      if (screen.creating !== null) return "Enter: create  Esc: no";
      if (screen.deleting !== null) return "y: delete for good  any other key: no";
      return "arrows: choose  Enter: play  n: new  d: delete  q: log out";
    case "map":
      return screen.typing === null
        ? "arrows: walk  Tab: aim  Space: act  Enter: talk  c: characters  q: quit"
        : "Enter: say, or /help for orders  Esc: no";
  }
}

function keysOfForm(screen: FormScreen): string {
  const next = afterEnter(screen);
  // Enter does nothing in an empty field that has to be filled in first.
  if (next === screen.focus) return "Tab: next field  Esc: back";
  const field = next === null ? undefined : fieldsOf(screen)[next];
  const does = field === undefined ? formWords[screen.purpose].does : `to ${labels[field]}`;
  return `Tab: next field  Enter: ${does}  Esc: back`;
}

function viewTitle(state: State, { columns, rows }: Size): Line[] {
  const { screen, server } = state;
  const body = titleBody(state);
  const top = Math.max(0, Math.floor((rows - body.length - 5) / 3));
  const blank = Array.from({ length: top }, () => line(""));
  const heading = [
    line("S A L L Y P O R T", "title"),
    line(`${server.host}:${server.port}`, "dim"),
    line(""),
    line(""),
  ];
  const centred = heading.map((each) => centre(each, columns));
  const inset = " ".repeat(Math.max(2, Math.floor((columns - (screen.at === "select" ? 52 : 36)) / 2)));
  return [...blank, ...centred, ...body.map((each) => [span(inset), ...each])];
}

function titleBody({ screen }: State): Line[] {
  switch (screen.at) {
    case "menu":
      return viewMenu(screen);
    case "form":
      return viewForm(screen);
    case "worlds":
      return viewWorlds(screen);
    case "select":
      return viewSelect(screen);
    case "map":
      return [];
  }
}

function centre(spans: Line, columns: number): Line {
  const width = spans.reduce((sum, { text }) => sum + columnsOf(text), 0);
  return [span(" ".repeat(Math.max(0, Math.floor((columns - width) / 2)))), ...spans];
}

const item = (text: string, isChosen: boolean): Line => [
  span(isChosen ? "> " : "  "),
  span(` ${text} `, isChosen ? "chosen" : "plain"),
];

function viewMenu({ chosen, name }: MenuScreen): Line[] {
  return menuItems.map((text, index) => {
    const asWhom = text === "Log in" && name !== "" ? ` as ${printable(name)}` : "";
    return item(text + asWhom, index === chosen);
  });
}

const formWords: { readonly [P in FormPurpose]: { readonly title: string; readonly does: string } } = {
  "log-in": { title: "Log in", does: "log in" },
  register: { title: "A new account", does: "register" },
  "ask-reset": { title: "A letter with a code for a new password", does: "send it" },
  reset: { title: "A new password, with the code from the letter", does: "set it" },
  confirm: { title: "The code from the letter", does: "confirm the address" },
};
const labels = {
  ...{ name: "Name", email: "E-mail", invitation: "Invited by", code: "Code" },
  ...{ password: "Password", sex: "Sex" },
};
const labelColumns = 12;

function viewForm(screen: FormScreen): Line[] {
  const shown = { ...screen, password: "•".repeat([...screen.password].length) };
  const { title } = formWords[screen.purpose];
  const fields = fieldsOf(screen).map((field, index): Line => {
    const isFocused = index === screen.focus;
    const label = span(labels[field].padEnd(labelColumns), isFocused ? "bold" : "dim");
    if (field === "sex") return [label, span(isFocused ? `< ${shown.sex} >` : shown.sex)];
    return [label, ...typed(shown[field], isFocused)];
  });
  return [line(title, "bold"), line(""), ...fields];
}

const typedColumnsMax = 30;

function typed(text: string, isFocused: boolean): Line {
  const clipped = clipStart(printable(text), typedColumnsMax);
  return isFocused ? [span(clipped), span(" ", "chosen")] : [span(clipped)];
}

function viewWorlds({ worlds, chosen }: WorldsScreen): Line[] {
  const items = worlds.map(({ name, players }, index) =>
    item(`${printable(name)}, ${counted(players, "player")}`, index === chosen),
  );
  return [line("Which world?", "bold"), line(""), ...items];
}

function viewSelect(screen: SelectScreen): Line[] {
  const { slotCount, chosen, creating, deleting } = screen;
  const slots = Array.from({ length: slotCount }, (_, slot): Line => {
    const isChosen = slot === chosen;
    const character = inSlot(screen, slot);
    if (character === undefined) {
      if (!isChosen || creating === null) return item(`${slot + 1}  (free)`, isChosen);
      return [span(`>  ${slot + 1}  `), ...typed(creating, true)];
    }
    const { map, x, y } = character.position;
    return [
      ...item(`${slot + 1}  ${printable(character.name)}`, isChosen),
      span(`  ${printable(map)} ${x},${y}`, "dim"),
    ];
  });
  const question: Line[] =
    deleting === null ? [] : [line(""), line(`Delete ${printable(deleting.name)} for good? y/n`, "trouble")];
  const title = `Characters of ${printable(screen.name)}`;
  return [line(title, "bold"), line(""), ...scrolled(slots, chosen), ...question];
}

const listRowsMax = 9;

function scrolled(lines: readonly Line[], chosen: number): readonly Line[] {
  const first = Math.min(Math.max(0, chosen - listRowsMax + 1), Math.max(0, lines.length - listRowsMax));
  return lines.slice(first, first + listRowsMax);
}
