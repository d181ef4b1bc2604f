import { lstat, mkdtemp, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { getSystemErrorMap } from "node:util";
import { dataFolderUser } from "@sallyport/database/embedded";
import {
  type CookieJar,
  cookieFile,
  type Environment,
  type Log,
  readSettings,
  SettingsInvalid,
  textSetting,
} from "@sallyport/server-kit";

export const dataFolderSetting = {
  ...textSetting(
    "SALLYPORT_DATA",
    "Folder for data on disk: the embedded database of `up`, the token of the admin port, and the cookies with which a restarted char-server or map-server reclaims its locks.",
    { fallback: "data" },
  ),
  topic: "stores",
} as const;

export const cookiesIn = (folder: string, tier: "char" | "map", server: string, log: Log): CookieJar =>
  cookieFile({ folder: join(folder, "cookies"), name: `${tier}-${server}`, log });

/**
 * Rejects with `SettingsInvalid` if the path or a parent of it is not a folder. With `hasDatabase` it also
 * rejects in two cases. 1: this process cannot write to the folder. 2: another process has its database
 * there. Without a database, the folder need not be writable, because a server can run without cookies.
 */
export async function checkDataFolder(
  environment: Environment,
  { hasDatabase }: { readonly hasDatabase: boolean },
): Promise<void> {
  const folder = resolve(readSettings({ folder: dataFolderSetting }, environment).folder);
  const problem = await problemOf(folder, hasDatabase);
  if (problem !== null) throw new SettingsInvalid([`${dataFolderSetting.variable}: ${problem}`]);
}

const advice = "set it to a folder that this user may create and write to";

async function problemOf(folder: string, hasDatabase: boolean): Promise<string | null> {
  const found = await nearestThere(folder);
  if (found.kind === "file") return `${found.path} is a file, and not a folder`;
  if (!hasDatabase) return null;
  const verb = found.path === folder && found.kind === "folder" ? "written to" : "created";
  const cannotBe = `${folder} cannot be ${verb}`;
  switch (found.kind) {
    case "error":
      return `${cannotBe} (${found.why}); ${advice}`;
    case "dangling":
      return `${cannotBe}: ${found.path} is a link to something that does not exist; ${advice}`;
    case "folder": {
      const why = await whyNothingIsMade(found.path);
      if (why !== null) return `${cannotBe}: nothing can be created in ${found.path} (${why}); ${advice}`;
      return lockProblem(folder);
    }
  }
}

/**
 * Tests the folder: creates a folder in it and removes that folder. A check of access rights is not enough.
 * Root passes such a check even on a read-only file system and in /proc, where `mkdir` with `recursive` never
 * ends.
 */
async function whyNothingIsMade(folder: string): Promise<string | null> {
  try {
    await rmdir(await mkdtemp(join(folder, ".sallyport-")));
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

async function lockProblem(folder: string): Promise<string | null> {
  try {
    const user = await dataFolderUser(folder);
    return user === null ? null : `${folder} is in use by process ${user}: stop it, or set another folder`;
  } catch (error) {
    return `${folder} cannot be used: its lock cannot be read (${reasonOf(error)}); ${advice}`;
  }
}

/** Returns the code and the message of the operating system. Leaves out the name of the call and the path. */
function reasonOf(error: unknown): string {
  const { code, errno } = error as NodeJS.ErrnoException;
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  if (code === undefined || words === undefined) throw error;
  return `${code}: ${words}`;
}

interface Found {
  readonly kind: "folder" | "file" | "dangling";
  readonly path: string;
}

/** Returns the path itself, or its nearest parent that exists. */
async function nearestThere(
  path: string,
): Promise<Found | { readonly kind: "error"; readonly path: string; readonly why: string }> {
  try {
    return { path, kind: (await stat(path)).isDirectory() ? "folder" : "file" };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "ENOTDIR"].includes(code)) return { path, kind: "error", why: reasonOf(error) };
    const isLink = await lstat(path).then(
      (itself) => itself.isSymbolicLink(),
      () => false,
    );
    return isLink ? { path, kind: "dangling" } : nearestThere(dirname(path));
  }
}
