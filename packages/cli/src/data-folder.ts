import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
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

/** What a process keeps on disk. */
export const dataFolderSetting = textSetting(
  "SALLYPORT_DATA",
  "folder of the embedded database, and of the cookies by which a char- or map-server comes back when it is started again",
  { fallback: "data" },
);

/** Of one server of one tier. */
export const cookiesIn = (folder: string, tier: "char" | "map", server: string, log: Log): CookieJar =>
  cookieFile({ folder: join(folder, "cookies"), name: `${tier}-${server}`, log });

/**
 * Rejects with `SettingsInvalid` where it is, or would be in, something else than a folder. With `hasDatabase` also where
 * nothing can be written, or another process has its database there; cookies can be done without.
 */
export async function checkDataFolder(
  environment: Environment,
  { hasDatabase }: { readonly hasDatabase: boolean },
): Promise<void> {
  const folder = resolve(readSettings({ folder: dataFolderSetting }, environment).folder);
  const problem = await problemOf(folder, hasDatabase);
  if (problem !== null) throw new SettingsInvalid([`${dataFolderSetting.variable}: ${problem}`]);
}

async function problemOf(folder: string, hasDatabase: boolean): Promise<string | null> {
  const found = await nearestThere(folder);
  if (!found.isFolder) return `${found.path} is a file, and not a folder`;
  if (!hasDatabase) return null;
  const isWritable = await access(found.path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable) return `this user may not write to ${found.path}`;
  const user = await dataFolderUser(folder);
  return user === null ? null : `${folder} is in use by process ${user}: stop it, or set another folder`;
}

/** The folder itself, or of those that it would be made in the first that there is. */
async function nearestThere(path: string): Promise<{ readonly path: string; readonly isFolder: boolean }> {
  try {
    return { path, isFolder: (await stat(path)).isDirectory() };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "ENOTDIR"].includes(code)) return { path, isFolder: true };
    return nearestThere(dirname(path));
  }
}
