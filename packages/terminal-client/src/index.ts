export { Display, type Output } from "./display.ts";
export { type Key, KeyReader } from "./keys.ts";
export { type Line, paint, plainText, type Size } from "./paint.ts";
export { Shell, type ShellOptions } from "./shell.ts";
export type { Command, Happening, State, Step } from "./state.ts";
export { update } from "./update.ts";
export { view } from "./view.ts";
