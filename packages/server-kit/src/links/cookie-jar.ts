import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Log } from "../telemetry/log.ts";

/** Stores the cookie of a server. With this cookie, the next process can come back as the same server. */
export interface CookieJar {
  load(): Promise<Uint8Array | null>;
  /** Stores the cookie, or removes it if `cookie` is null. */
  store(cookie: Uint8Array | null): Promise<void>;
}

export interface CookieFileOptions {
  /** The jar creates this folder if it does not exist. */
  readonly folder: string;
  /**
   * The name contains the kind and the name of the server. Two servers that share a folder must have
   * different names.
   */
  readonly name: string;
  readonly log: Log;
}

/**
 * Keeps the cookie in a file that other users cannot read. The file is replaced as a whole. If the file
 * cannot be written, the server continues. But its next process cannot link until the server lock of this
 * process has ended.
 */
export function cookieFile({ folder, name, log }: CookieFileOptions): CookieJar {
  const path = join(folder, `${name}.cookie`);
  const orWarn = async <T>(run: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      log.warn({ file: path, why: code }, "the cookie file cannot be read or written");
      return otherwise;
    }
  };
  const write = async (cookie: Uint8Array): Promise<void> => {
    await makeFolder(folder);
    const part = `${path}.part`;
    // Remove an old file first. `wx` fails if the file exists, and an old file would keep its own
    // permissions.
    await rm(part, { force: true });
    const file = await open(part, "wx", 0o600);
    try {
      await file.writeFile(cookie);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  };
  return {
    load: () =>
      orWarn(async () => {
        const cookie = await readFile(path).catch(nullIf("ENOENT"));
        return cookie?.length === 32 ? new Uint8Array(cookie) : null;
      }, null),
    store: (cookie) => orWarn(() => (cookie === null ? rm(path, { force: true }) : write(cookie)), undefined),
  };
}

/**
 * Creates a folder and its parents. `mkdir` with `recursive` is not used, because it never returns in a file
 * system that refuses new folders, such as /proc.
 */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<unknown> => mkdir(path).catch(nullIf("EEXIST"));
  const parent = dirname(path);
  await make().catch(async (error: unknown) => {
    if (!isCode(error, "ENOENT") || parent === path) throw error;
    await makeFolder(parent);
    await make();
  });
}

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

const nullIf =
  (code: string) =>
  (error: unknown): null => {
    if (isCode(error, code)) return null;
    throw error;
  };
