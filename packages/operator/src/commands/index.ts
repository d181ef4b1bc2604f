export { addOperatorCommands } from "./commands.ts";
export { addCompletion } from "./completion.ts";
export { terminal } from "./terminal.ts";
