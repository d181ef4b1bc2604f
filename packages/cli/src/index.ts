export { readChar, runChar } from "./commands/run-char.ts";
export { readGateway, runGateway } from "./commands/run-gateway.ts";
export { readLogin, runLogin } from "./commands/run-login.ts";
export { readMap, runMap } from "./commands/run-map.ts";
export { readUp, runUp, type UpRunning } from "./commands/run-up.ts";
export { createShell, type Running, type Shell } from "./process/shell.ts";
