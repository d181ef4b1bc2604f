import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Environment } from "@sallyport/server-kit";
import { type ClientData, clientData, emptyData } from "./client-data.ts";
import { wrongUsage } from "./failure.ts";

const ownerOnly = 0o600;

/** `BOARDS_FILE`, or else `sallyport/boards.json` in the folder for settings of the person. */
export function usualFile({ BOARDS_FILE, XDG_CONFIG_HOME }: Environment): string {
  if (BOARDS_FILE) return BOARDS_FILE;
  return join(XDG_CONFIG_HOME || join(homedir(), ".config"), "sallyport", "boards.json");
}

/** The file in which the client keeps its data. Only its owner may read it, because it has tokens. */
export class ClientFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Without a file there is no data. A file that is not of this client is never overwritten: it throws. */
  async read(): Promise<ClientData> {
    const text = await this.#text();
    if (text === null) return emptyData;
    const read = clientData.safeParse(parsed(text));
    if (read.success) return read.data;
    throw wrongUsage(`${this.path} is not a file of this client; move it away, or name another one`);
  }

  /** The file changes as a whole. If two programs change it at once, the later one wins. */
  async change(change: (data: ClientData) => ClientData): Promise<ClientData> {
    const next = change(await this.read());
    const written = `${this.path}.${randomBytes(6).toString("hex")}`;
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = await open(written, "wx", ownerOnly);
    try {
      await file.writeFile(`${JSON.stringify(next, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(written, this.path).catch(async (error: unknown) => {
      await rm(written, { force: true });
      throw error;
    });
    return next;
  }

  async #text(): Promise<string | null> {
    try {
      const text = await readFile(this.path, "utf8");
      const { mode } = await stat(this.path);
      if ((mode & 0o077) !== 0) await chmod(this.path, ownerOnly);
      return text;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw wrongUsage(`cannot read ${this.path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
