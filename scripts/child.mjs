import { spawn } from "node:child_process";
import { constants } from "node:os";

const windows = process.platform === "win32";

/**
 * Runs a program to its end. Resolves to its status and output. The status is null if the program does not
 * exist.
 */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    // On Windows, npm's programs are .cmd files, which only a shell can start.
    const child = spawn(command, args, { ...options, shell: windows, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", (error) => resolve({ status: null, output: error.message }));
    child.once("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

/**
 * This script may get several signals for one Ctrl-C: one from the terminal and one from npm. Signals within
 * this many milliseconds count as one.
 */
const sameKeyPressMs = 300;

/** A program that ends by one of these does what it was asked, by this script or by the terminal. */
const asksToEnd = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Runs a Node program on this terminal. Resolves to its exit code after it has ended. With `ownGroup`, the
 * terminal does not send its Ctrl-C to the program. This script sends the program exactly one SIGINT each
 * time the key is pressed, or when npm or this script gets a signal. Without `ownGroup`, the program can read
 * the keyboard. If somebody else killed the program, this script says so, with the words `ifKilled` behind it.
 */
export function foreground(args, { ownGroup = false, env = process.env, ifKilled = "" } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: "inherit", detached: ownGroup && !windows, env });
    let interruptedMs = Number.NEGATIVE_INFINITY;
    const interrupt = () => {
      if (!ownGroup || performance.now() - interruptedMs < sameKeyPressMs) return;
      interruptedMs = performance.now();
      child.kill("SIGINT");
    };
    const terminate = () => child.kill("SIGTERM");
    const stopWatching = watchStarter(terminate);
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", terminate);
    // SIGHUP means that the terminal was closed. The program gets a signal, so that it can stop properly.
    process.on("SIGHUP", terminate);
    // Operators may send these to either process. Node would open its inspector at the one, and end at the other.
    const passed = windows ? [] : ["SIGUSR1", "SIGUSR2"];
    const pass = (signal) => child.kill(signal);
    for (const signal of passed) process.on(signal, pass);
    child.once("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(1);
    });
    child.once("close", (status, signal) => {
      stopWatching();
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
      process.off("SIGHUP", terminate);
      for (const each of passed) process.off(each, pass);
      if (signal !== null && !asksToEnd.has(signal))
        process.stderr.write(`${`The program was killed (${signal}). ${ifKilled}`.trim()}\n`);
      resolve(status ?? 128 + constants.signals[signal]);
    });
  });
}

/**
 * npm sends signals only to its shell, which may die without passing them on. If the shell dies, the program
 * must end too.
 */
function watchStarter(gone) {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const starter = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === starter) return;
    clearInterval(timer);
    gone();
  }, 250);
  return () => clearInterval(timer);
}
