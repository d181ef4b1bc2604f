import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../packages/proving/testkit/src/until.ts";

/*
 * These tests check what `npm start` promises about signals. A small program takes the place of the servers.
 */

const module = fileURLToPath(new URL("child.mjs", import.meta.url));

/** This program prints its signals. It stops at SIGTERM, and at the second SIGINT. */
const program = `
  const heard = [];
  const stop = () => { console.log("stopped"); clearInterval(alive); process.exitCode = 3; };
  const alive = setInterval(() => {}, 1_000);
  for (const signal of ["SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2"]) {
    process.on(signal, () => {
      heard.push(signal);
      console.log("heard " + signal);
      if (signal === "SIGTERM" || heard.filter((each) => each === "SIGINT").length === 2) setTimeout(stop, 50);
    });
  }
  console.log("up");
`;
const starter = `
  const { foreground } = await import(${JSON.stringify(module)});
  process.exitCode = await foreground(["-e", ${JSON.stringify(program)}], { ownGroup: true });
  console.log("starter done");
`;

let started: ChildProcess | undefined;
afterEach(() => {
  started?.kill("SIGTERM");
});

async function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started = child;
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const says = (what: string): Promise<unknown> =>
    until(() => output.includes(what), { what: `it says ${what}` });
  await says("up");
  return {
    says,
    signal: (signal: NodeJS.Signals) => void child.kill(signal),
    exit: () => until(() => child.exitCode !== null, { what: "it ends" }).then(() => child.exitCode),
    told: () => output.split("\n").filter((line) => line !== ""),
  };
}
const startDirectly = () => start(process.execPath, ["--input-type=module", "-e", starter]);

describe("a program in the foreground", () => {
  test("ends at SIGTERM; the script waits for it and returns its exit code", async () => {
    const run = await startDirectly();
    run.signal("SIGTERM");
    expect(await run.exit()).toBe(3);
    expect(run.told()).toEqual(["up", "heard SIGTERM", "stopped", "starter done"]);
  });

  test("gets the signals that operators send to servers, and goes on", async () => {
    const run = await startDirectly();
    for (const signal of ["SIGUSR1", "SIGUSR2"] as const) {
      run.signal(signal);
      await run.says(`heard ${signal}`);
    }
    run.signal("SIGTERM");
    expect(await run.exit()).toBe(3);
  });

  test("gets one Ctrl-C once, even if it arrives on several ways, and gets the second", async () => {
    const run = await startDirectly();
    run.signal("SIGINT");
    run.signal("SIGINT");
    await run.says("heard SIGINT");
    // A signal directly after the first one counts as the same key press, so the signal is repeated.
    const heardTwice = (): boolean => run.told().filter((line) => line === "heard SIGINT").length === 2;
    await until(
      () => {
        if (!heardTwice()) run.signal("SIGINT");
        return heardTwice();
      },
      { what: "the second Ctrl-C goes through" },
    );
    expect(await run.exit()).toBe(3);
    expect(run.told()).toEqual(["up", "heard SIGINT", "heard SIGINT", "stopped", "starter done"]);
  });

  test.runIf(process.platform !== "win32")(
    "that a signal ends gives the exit code of a shell, and a killed one is told of",
    async () => {
      const ended = async (signal: string): Promise<readonly [status: unknown, told: string]> => {
        const endsItself = `process.kill(process.pid, "${signal}"); setInterval(() => {}, 1_000);`;
        const code = `const { foreground } = await import(${JSON.stringify(module)});
        process.exitCode = await foreground(["-e", ${JSON.stringify(endsItself)}], { ifKilled: "Try it." });`;
        const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
          stdio: ["ignore", "inherit", "pipe"],
        });
        started = child;
        let told = "";
        child.stderr.on("data", (chunk) => {
          told += chunk;
        });
        const [status] = await once(child, "close");
        return [status, told];
      };
      expect(await ended("SIGKILL")).toEqual([137, "The program was killed (SIGKILL). Try it.\n"]);
      expect(await ended("SIGALRM")).toEqual([142, "The program was killed (SIGALRM). Try it.\n"]);
      expect(await ended("SIGTERM")).toEqual([143, ""]);
    },
  );

  test("ends when only the shell in which npm started it dies", async () => {
    // The shell stays, because Node is not its last command. SIGKILL ends only the shell, which cannot pass
    // the signal on.
    const command = `"$0" --input-type=module -e "$1"; true`;
    const run = await start("/bin/sh", ["-c", command, process.execPath, starter], {
      npm_lifecycle_event: "start",
    });
    run.signal("SIGKILL");
    await run.says("stopped");
    await run.says("starter done");
  });
});
