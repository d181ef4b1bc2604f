import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/**
 * Keeps two processes from opening the same data folder, which would destroy the data.
 *
 * The lock is a file that names its owner: process id, start time of the process (because ids are reused) and
 * the socket on which it listens. A lock is stale if no such process runs and nothing answers on the socket.
 * The check of the socket is for containers that share a folder but not their process ids.
 */
export interface DataFolderLock {
  release(): void;
}

const lockName = "lock";

interface Owner {
  readonly pid: number;
  /** The start time in clock ticks since the machine started; null if /proc does not show it. */
  readonly startedAt: string | null;
  readonly socket: string | null;
}

/** Returns the id of the process that uses the folder, or null. The call changes nothing. */
export async function dataFolderUser(folder: string): Promise<number | null> {
  const owner = parse(read(join(folder, lockName)) ?? "");
  return owner && (await isAlive(owner)) ? owner.pid : null;
}

/** Throws an error for the operator if the folder is in use. */
export async function lockDataFolder(folder: string, socket: string | null): Promise<DataFolderLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, lockName);
  const text = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid), socket } satisfies Owner);

  while (!writeOnce(file, text)) {
    const found = read(file);
    if (found === undefined) continue; // The owner released the lock just now.
    const owner = parse(found);
    if (owner && (await isAlive(owner))) {
      throw new Error(
        `data folder ${folder} is in use by process ${owner.pid}: stop it or set SALLYPORT_DATA to another folder`,
      );
    }
    removeStale(file, found);
  }
  return {
    release: () => {
      if (read(file) === text) rmSync(file, { force: true });
    },
  };
}

/** Creates the file with its complete content. Returns false if the file exists already. */
function writeOnce(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes a stale lock. If another process has already replaced the stale lock, its new lock is restored. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (read(aside) !== stale) linkSync(aside, file);
  } catch (error) {
    if (!isCode(error, "ENOENT") && !isCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

async function isAlive({ pid, startedAt, socket }: Owner): Promise<boolean> {
  if (socket !== null && (await answers(socket))) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isCode(error, "EPERM")) return false;
  }
  return startedAt === null || startOf(pid) === startedAt;
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once("connect", () => resolve(true));
    probe.once("error", () => resolve(false));
    probe.once("close", () => resolve(false));
    probe.once("connect", () => probe.destroy());
  });
}

/**
 * Reads field 22 of /proc/<pid>/stat. Field 2, the program's name, may contain spaces and brackets, so the
 * fields are counted from the last bracket.
 */
function startOf(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function parse(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text);
    return Number.isInteger(owner?.pid) ? owner : undefined;
  } catch {
    return undefined; // Another program wrote this file, so no process holds the lock.
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT") || isCode(error, "ESRCH")) return undefined;
    throw error;
  }
}

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
