import { printable } from "@sallyport/command-line";
import { CharId } from "@sallyport/domain";
import { type Line, line, span } from "./paint.ts";
import type { MapScreen, Talk } from "./state.ts";
import { entriesOf, pageEntries } from "./talk.ts";
import { wrap } from "./text.ts";

/** At most `rowsMax` lines. If there are more, the first words are left out, and then the last entries. */
export function viewTalk(talk: Talk, { actors }: MapScreen, columns: number, rowsMax: number): Line[] {
  const name = actors.get(CharId(talk.actor))?.name ?? "";
  const all = entriesOf(talk);
  const first = talk.page * pageEntries;
  const entries = all
    .slice(first, first + pageEntries)
    .map((entry, index): Line => [span(` ${index + 1} `, "bold"), span(printable(entry))]);
  const head = line(` ${printable(name)}`, "title");
  const shown = entries.slice(0, Math.max(0, rowsMax - 2));
  const said = talk.said
    .flatMap((each) => wrap(printable(each), columns - 2))
    .map((each) => line(` ${each}`));
  const room = Math.max(0, rowsMax - 2 - shown.length);
  return [
    head,
    ...(room === 0 ? [] : said.slice(-room)),
    ...shown,
    line(` ${keysOf(talk, all.length)}`, "dim"),
  ];
}

function keysOf({ waitsFor }: Talk, entries: number): string {
  const choose = entries === 0 ? "" : `1-${Math.min(entries, pageEntries)}: choose  `;
  const turn = entries > pageEntries ? "Tab: more  " : "";
  const next = waitsFor === "next" ? "Enter: go on  " : "";
  return `${choose}${turn}${next}Esc: close`;
}
