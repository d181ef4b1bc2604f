import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes `folder` hold exactly the files that `write` writes into an empty folder. Replaces file by file, because a
 * running server may read the folder meanwhile.
 */
export async function replaceFiles(folder, write) {
  mkdirSync(folder, { recursive: true });
  const next = mkdtempSync(`${folder}-`);
  try {
    await write(next);
    const files = readdirSync(next);
    for (const file of files) renameSync(join(next, file), join(folder, file));
    const old = readdirSync(folder).filter((file) => !files.includes(file));
    for (const file of old) rmSync(join(folder, file), { recursive: true, force: true });
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}
