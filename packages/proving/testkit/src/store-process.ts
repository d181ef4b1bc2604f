import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface StoreProcess {
  readonly pid: number;
  readonly running: boolean;
  /** Null while the process runs, and also if a signal ended it. */
  readonly exitCode: number | null;
  /** The last part of the output, for error messages. */
  readonly output: string;
  readonly exited: Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal, and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const outputCharsMax = 4_000;

/**
 * Creates a folder with a short path: paths of unix sockets have at most 107 bytes, and TMPDIR may be long.
 */
export function temporaryFolder(name: string): string {
  const parent = tmpdir().length <= 40 ? tmpdir() : "/tmp";
  return mkdtempSync(join(parent, `sallyport-${name}-`));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Starts a server that cannot outlive this process. `holdLeash` ends the server when this process ends for
 * any reason, even by SIGKILL.
 */
export function spawnServer(
  command: string,
  args: readonly string[],
  { folder, identity }: { folder: string; identity?: Identity | undefined },
): StoreProcess {
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...identity,
  });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-outputCharsMax);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const pid = child.pid ?? 0;
  const leash = pid === 0 ? undefined : holdLeash(pid, folder);
  let running = pid !== 0;
  const exited = new Promise<void>((resolve) => {
    const gone = (): void => {
      running = false;
      leash?.kill("SIGKILL");
      resolve();
    };
    child.once("exit", gone);
    child.once("error", (error) => {
      collect(Buffer.from(error.message));
      gone();
    });
  });
  return {
    pid,
    exited,
    get running() {
      return running;
    },
    get exitCode() {
      return child.exitCode;
    },
    get output() {
      return output;
    },
    signal: (signal) => void child.kill(signal),
    end: async (signal) => {
      if (running) child.kill(signal);
      await exited;
    },
  };
}

/**
 * Starts a shell that waits until its stdin closes, which happens when this process ends. Then the shell ends
 * the server and removes the folder.
 */
export function holdLeash(pid: number, folder: string): ChildProcess {
  // The shell sends SIGQUIT before SIGKILL, because Postgres then frees its shared memory.
  const script = `cat >/dev/null
kill -CONT "$1"; kill -QUIT "$1"
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" || break; sleep 0.1; done
kill -KILL "$1"; rm -rf "$2"`;
  const leash = spawn("/bin/sh", ["-c", script, "sh", String(pid), folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  leash.unref();
  (leash.stdin as unknown as { unref(): void }).unref();
  leash.stdin?.on("error", () => {});
  return leash;
}
