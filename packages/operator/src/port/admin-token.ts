import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const fileName = "admin-token";
const tokenBytes = 24;

export const adminTokenFile = (folder: string): string => join(folder, fileName);

/**
 * Returns the token in the data folder. Creates it if there is none. Only this user may read the file. Servers
 * that share the folder get the same token, also if they start together. Returns null if the folder cannot be
 * used: then only accounts with a role may ask.
 */
export async function tokenIn(folder: string): Promise<string | null> {
  const file = adminTokenFile(folder);
  const own = `${file}.${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(own, `${randomBytes(tokenBytes).toString("hex")}\n`, { mode: 0o600 });
    // The file appears with its whole content, and only if there is none.
    await link(own, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    return (await readFile(file, "utf8")).trim();
  } catch {
    return null;
  } finally {
    await rm(own, { force: true });
  }
}
