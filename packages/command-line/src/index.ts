export { addSetting, decimal, wholeNumber } from "./arguments.ts";
export { type Explained, explain, type ParsedCommandLine, parseProgram } from "./parse-program.ts";
export { stopOnSignals } from "./stop-on-signals.ts";
export { charColumns, columnsOf, counted, printable, table } from "./terminal-text.ts";
export { versionIn } from "./version-in.ts";
