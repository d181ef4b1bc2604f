import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const zod = fileURLToPath(new URL("../../../node_modules/zod", import.meta.url));

/** A folder of an author, outside of this repository. Like a clone, it has zod, and files are ES modules. */
export class GameFolder {
  readonly path = mkdtempSync(join(tmpdir(), "sallyport-game-"));

  constructor() {
    this.write("package.json", '{ "type": "module" }');
    mkdirSync(join(this.path, "node_modules"));
    symlinkSync(zod, join(this.path, "node_modules/zod"));
  }

  /** Returns the whole path of the file. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
