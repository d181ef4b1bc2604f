import { isatty } from "node:tty";

/*
 * Node opens its inspector at SIGUSR1, unless the program handles this signal. So the program imports this module
 * before all others.
 */

let heed: () => void = () => {};

/** Windows does not have these signals. */
const hasSignals = process.platform !== "win32";

if (hasSignals) process.on("SIGUSR1", () => heed());

/** Calls `answer` at each SIGUSR1 from now on. Before, the signal does nothing. */
export function onWhoIsInAsked(answer: () => void): void {
  heed = answer;
}

/** Without this, SIGHUP ends the process. In a terminal it does so still, because the terminal is gone. */
export function onHangUp(answer: () => void): void {
  if (hasSignals && !isatty(0)) process.on("SIGHUP", answer);
}
