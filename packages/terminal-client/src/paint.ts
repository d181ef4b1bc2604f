import { columnsOf, printable } from "@sallyport/command-line";
import { clip } from "./text.ts";

export type Style =
  | "plain"
  | "dim"
  | "bold"
  | "chosen"
  | "title"
  | "trouble"
  | "self"
  | "wall"
  | "warp"
  | "other0"
  | "other1"
  | "other2"
  | "other3"
  | "npc"
  | "monster"
  | "item";

export interface Span {
  readonly text: string;
  readonly style: Style;
}
export type Line = readonly Span[];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** SGR parameters of each style: with colours, and without colours (NO_COLOR). */
const codes: Readonly<Record<Style, readonly [string, string]>> = {
  plain: ["", ""],
  dim: ["2", "2"],
  bold: ["1", "1"],
  chosen: ["7", "7"],
  title: ["1;36", "1"],
  trouble: ["1;31", "1"],
  self: ["1;33", "1"],
  wall: ["90", ""],
  warp: ["1;35", "1"],
  other0: ["32", ""],
  other1: ["36", ""],
  other2: ["34", ""],
  other3: ["31", ""],
  npc: ["1;32", "1"],
  monster: ["1;31", ""],
  item: ["33", ""],
};

export const span = (text: string, style: Style = "plain"): Span => ({ text, style });
export const line = (text: string, style: Style = "plain"): Line => [span(text, style)];
export const plainText = (spans: Line): string => spans.map(({ text }) => text).join("");

/**
 * Returns a line as text for the terminal. Clips it, resets styles, and removes characters that could control
 * the terminal.
 */
export function paint(spans: Line, columnsMax: number, colours: boolean): string {
  let painted = "";
  let left = columnsMax;
  for (const { text, style } of spans) {
    const clipped = clip(printable(text), left);
    left -= columnsOf(clipped);
    const code = codes[style][colours ? 0 : 1];
    painted += code === "" ? clipped : `\x1b[${code}m${clipped}\x1b[0m`;
  }
  return painted;
}
