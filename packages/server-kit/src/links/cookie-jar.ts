import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Log } from "../telemetry/log.ts";

/** Stores the cookie of a server, so that the server's next process can come back as the same server. */
export interface CookieJar {
  load(): Promise<Uint8Array | null>;
  /** Null removes the stored cookie. */
  store(cookie: Uint8Array | null): Promise<void>;
}

export interface CookieFileOptions {
  /** Created if it does not exist. */
  readonly folder: string;
  /** Names the kind of server and the server. Two servers that share a folder must not have the same name. */
  readonly name: string;
  readonly log: Log;
}

/**
 * Keeps the cookie in a file that other users cannot read. The file is replaced as a whole. If the file
 * cannot be written, the server keeps working. But its next process cannot link until the server lock of this
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
    // Remove an old file, because `wx` fails if the file exists. An old file would also keep its own
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
 * Creates a folder and its parents. `mkdir` with `recursive` never returns in a file system that refuses new
 * folders, such as /proc.
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
