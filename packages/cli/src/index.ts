export { readChar, runChar } from "./run-char.ts";
export { readGateway, runGateway } from "./run-gateway.ts";
export { readLogin, runLogin } from "./run-login.ts";
export { readMap, runMap } from "./run-map.ts";
export { readUp, runUp, type UpRunning } from "./run-up.ts";
export { createShell, type Running, type Shell } from "./shell.ts";
