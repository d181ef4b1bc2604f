import { counted, printable } from "@sallyport/command-line";
import { type Cell, cellOf, distanceCells, unitsPerCellOf } from "@sallyport/domain";
import type { Actor } from "@sallyport/sdk";
import { cellAt, wall, warp } from "./map-screen.ts";
import { byDistance, distanceTo, meantActor } from "./near.ts";
import { type Line, line, type Size, type Span, type Style, span } from "./paint.ts";
import type { LogLine, MapScreen } from "./state.ts";
import { viewTalk } from "./talk-view.ts";
import { clipStart, fit, wrap } from "./text.ts";
import { shownValue } from "./typed-line.ts";

/* Each cell takes two columns, because a character of a terminal is about twice as high as wide. */

const sideColumns = 22;
const logRows = 5;
const pictureRowsMin = 3;
/** The side shows at most this many values that the game shows of a character. */
const valuesMax = 4;

export function viewMap(screen: MapScreen, size: Size): Line[] {
  const { position, charName, place } = screen;
  const { x, y } = cellOf(position, unitsPerCellOf(place));
  const here = ` ${printable(position.map)} ${x},${y}`;
  const title: Line = [
    span(here, "title"),
    span(`  ${printable(charName)}`, "self"),
    span(`  ${place.width}x${place.height}`, "dim"),
    ...viewWarp(screen),
  ];
  const lower =
    screen.talk === null
      ? viewLog(screen.log, size.columns)
      : viewTalk(screen.talk, screen, size.columns, size.rows - 3 - pictureRowsMin);
  const rows = size.rows - lower.length - 3;
  const mapColumns = size.columns - sideColumns;
  const picture = viewCells(screen, { columns: Math.floor(mapColumns / 2), rows });
  const side = viewNear(screen, rows);
  const upper = picture.map((cells, row): Line => [...cells, span("  "), ...(side[row] ?? [])]);
  const rule = line("─".repeat(size.columns), "dim");
  return [title, ...upper, rule, ...lower, viewTyping(screen.typing, size.columns)];
}

function viewCells(screen: MapScreen, { columns, rows }: Size): Line[] {
  const { place } = screen;
  const own = cellOf(screen.position, unitsPerCellOf(place));
  const west = own.x - Math.floor(columns / 2);
  const north = own.y - Math.floor(rows / 2);
  const others = byCell(screen);
  return Array.from({ length: rows }, (_, row) => {
    const spans: Span[] = [];
    for (let column = 0; column < columns; column += 1) {
      const x = west + column;
      const y = north + row;
      const here = others.get(`${x},${y}`) ?? [];
      const glyphs = here.map((actor) => span(glyphOf(actor), styleOf(actor)));
      if (x === own.x && y === own.y) glyphs.unshift(span("@", "self"));
      spans.push(...(glyphs.length === 0 ? [cellSpan(cellAt(place, x, y))] : crowdSpans(glyphs)));
    }
    return merged(spans);
  });
}

function byCell({ actors, place }: MapScreen): ReadonlyMap<string, readonly Actor[]> {
  const byCell = new Map<string, Actor[]>();
  for (const actor of [...actors.values()].sort((a, b) => a.charId - b.charId)) {
    const { x, y } = cellOf(actor, unitsPerCellOf(place));
    const cell = `${x},${y}`;
    byCell.set(cell, [...(byCell.get(cell) ?? []), actor]);
  }
  return byCell;
}

/** A cell has room for two actors. If there are more, it shows one actor and a plus sign. */
function crowdSpans(glyphs: readonly Span[]): Span[] {
  const [first = span("? "), second = span(" ")] = glyphs;
  return [first, glyphs.length > 2 ? span("+", "bold") : second];
}

const compass: Readonly<Record<string, string>> = { "-1": "north", "0": "", "1": "south" };
const sides: Readonly<Record<string, string>> = { "-1": "west", "0": "", "1": "east" };

function viewWarp({ warps, place, position }: MapScreen): Line {
  const own = cellOf(position, unitsPerCellOf(place));
  const nearest = warps.reduce<Cell | null>(
    (best, each) => (best === null || distanceCells(own, each) < distanceCells(own, best) ? each : best),
    null,
  );
  if (nearest === null) return [];
  const cells = distanceCells(own, nearest);
  if (cells === 0) return [span("  ()", "warp"), span(" here", "dim")];
  const way = [compass[Math.sign(nearest.y - own.y)], sides[Math.sign(nearest.x - own.x)]].filter(
    (word) => word !== "",
  );
  return [span("  ()", "warp"), span(` ${counted(cells, "cell")} ${way.join("-")}`, "dim")];
}

function cellSpan(cell: number | undefined): Span {
  if (cell === undefined) return span("  ");
  if (cell === wall) return span("██", "wall");
  if (cell === warp) return span("()", "warp");
  return span("· ", "dim");
}

/** Joins neighbouring spans of the same style. A picture has thousands of cells, and most are floor. */
function merged(spans: readonly Span[]): Line {
  const line: Span[] = [];
  for (const next of spans) {
    const last = line.at(-1);
    if (last?.style === next.style) line[line.length - 1] = span(last.text + next.text, last.style);
    else line.push(next);
  }
  return line;
}

const otherStyles: readonly Style[] = ["other0", "other1", "other2", "other3"];
const styleOf = ({ kind, charId }: Actor): Style =>
  kind === "player" ? (otherStyles[charId % otherStyles.length] ?? "other0") : kind;

const letterOf = (name: string): string => fit(printable(name), 1).replace(" ", "?");
const glyphs: { readonly [K in Actor["kind"]]: (name: string) => string } = {
  player: (name) => letterOf(name.toUpperCase()),
  monster: (name) => letterOf(name.toLowerCase()),
  npc: () => "&",
  item: () => "*",
};
const glyphOf = ({ kind, name }: Actor): string => glyphs[kind](name);

function viewValues(values: { readonly [key: string]: unknown }): Line[] {
  return Object.entries(values)
    .slice(0, valuesMax)
    .map(([key, value]) => line(fit(printable(`  ${key} ${shownValue(value)}`), sideColumns), "dim"));
}

function viewNear(screen: MapScreen, rows: number): Line[] {
  const { actors, charName, character } = screen;
  const meant = meantActor(screen);
  const own = viewValues(character);
  const ofMeant = viewValues(meant?.shown ?? {});
  const shown = byDistance(screen).slice(0, Math.max(0, rows - 3 - own.length - ofMeant.length));
  const more = actors.size - shown.length;
  const nameColumns = sideColumns - 8;
  return [
    line(actors.size === 0 ? "Nobody is near." : `Near: ${actors.size}`, "bold"),
    [span("@ ", "self"), span(fit(printable(charName), nameColumns), "self")],
    ...own,
    ...shown.flatMap((actor): Line[] => {
      const style = styleOf(actor);
      const name = span(fit(printable(actor.name), nameColumns), actor === meant ? "chosen" : style);
      const cells = span(String(distanceTo(screen, actor)).padStart(4), "dim");
      const row = [span(`${glyphOf(actor)} `, style), name, cells];
      return actor === meant ? [row, ...ofMeant] : [row];
    }),
    ...(more > 0 ? [line(`… and ${more} more`, "dim")] : []),
  ];
}

function viewLog(log: readonly LogLine[], columns: number): Line[] {
  const last = log
    .slice(-logRows)
    .flatMap((each) => viewLogLine(each, columns))
    .slice(-logRows);
  return [...Array.from({ length: logRows - last.length }, () => line("")), ...last];
}

function viewLogLine({ name, text, isOwn }: LogLine, columns: number): Line[] {
  const speaker = name === null ? "" : `${printable(name)}: `;
  const [first = "", ...more] = wrap(speaker + printable(text), columns - 2);
  const said = first.startsWith(speaker) ? first.slice(speaker.length) : first;
  const head: Line = [
    span(` ${first.slice(0, first.length - said.length)}`, isOwn ? "self" : "bold"),
    span(said, name === null ? "dim" : "plain"),
  ];
  return [head, ...more.map((row) => line(` ${row}`))];
}

function viewTyping(typing: string | null, columns: number): Line {
  if (typing === null) return line("");
  return [span(" say: ", "bold"), span(clipStart(printable(typing), columns - 8)), span(" ", "chosen")];
}
