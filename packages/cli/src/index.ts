export { runChar } from "./run-char.ts";
export { runGateway } from "./run-gateway.ts";
export { runLogin } from "./run-login.ts";
export { runMap } from "./run-map.ts";
export { runUp, type UpRunning } from "./run-up.ts";
export { createShell, type Running, type Shell } from "./shell.ts";
