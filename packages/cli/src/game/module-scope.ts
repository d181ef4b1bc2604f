import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";

export type ModuleScope =
  | {
      readonly ok: true;
      /** The folder of the nearest package.json, or else the folder of the file. */
      readonly folder: string;
    }
  | { readonly ok: false; readonly problem: string };

/**
 * Finds out whether Node loads a file as an ES module. Only ES modules can import `@sallyport/game` from
 * everywhere.
 */
export async function moduleScope(file: string): Promise<ModuleScope> {
  const nearest = await nearestManifest(dirname(file));
  const folder = dirname(nearest?.path ?? file);
  const extension = extname(file);
  if (/^\.m[jt]s$/.test(extension)) return { ok: true, folder };
  const other = `name it ${file.slice(0, -extension.length || undefined)}.mts`;
  if (/^\.c[jt]s$/.test(extension)) return no(file, other);
  if (nearest === null)
    return no(file, `put {"type":"module"} into ${join(folder, "package.json")}, or ${other}`);
  if (nearest.manifest === null) return { ok: false, problem: `${nearest.path} is not valid JSON` };
  return nearest.manifest.type === "module"
    ? { ok: true, folder }
    : no(file, `put "type": "module" into ${nearest.path}, or ${other}`);
}

const no = (file: string, todo: string): ModuleScope => ({
  ok: false,
  problem: `${file} is no ES module: ${todo}`,
});

interface Manifest {
  readonly type?: unknown;
}

async function nearestManifest(folder: string): Promise<{ path: string; manifest: Manifest | null } | null> {
  const path = join(folder, "package.json");
  const text = await readFile(path, "utf8").catch(() => null);
  if (text !== null) return { path, manifest: parsed(text) };
  return dirname(folder) === folder ? null : nearestManifest(dirname(folder));
}

function parsed(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
