import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "@sallyport/clock";

/** Editors write a file in several steps. So a change is told when this time has passed without another. */
const settleMs = 100;

export interface WatchedFiles {
  readonly files: ReadonlySet<string>;
  /** Whether a change of any other file in the same folders counts too. */
  readonly andTheirFolders: boolean;
}

/**
 * Calls `changed` when files change. It watches their folders, because editors replace files, and a watch of a
 * replaced file ends. `failed` gets the error of a folder that cannot be watched.
 */
export class FileWatch {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #folders = new Map<string, FSWatcher>();
  #watched: WatchedFiles = { files: new Set(), andTheirFolders: false };
  #stopWaiting: () => void = () => {};

  constructor(clock: Clock, changed: () => void, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Takes the place of the watch before. No change between both is missed. */
  watch(watched: WatchedFiles): void {
    this.#watched = watched;
    const folders = new Set([...watched.files].map((file) => dirname(file)));
    for (const folder of this.#folders.keys()) if (!folders.has(folder)) this.#forget(folder);
    for (const folder of folders) if (!this.#folders.has(folder)) this.#follow(folder);
  }

  stop(): void {
    this.#stopWaiting();
    for (const folder of this.#folders.keys()) this.#forget(folder);
  }

  #follow(folder: string): void {
    try {
      const watcher = watch(folder, (_, name) => this.#heard(folder, name));
      this.#folders.set(folder, watcher);
      watcher.on("error", (error) => {
        this.#forget(folder);
        this.#failed(error);
      });
    } catch (error) {
      this.#failed(error);
    }
  }

  #forget(folder: string): void {
    this.#folders.get(folder)?.close();
    this.#folders.delete(folder);
  }

  /** Some systems do not name the file. */
  #heard(folder: string, name: string | null): void {
    const { files, andTheirFolders } = this.#watched;
    if (name !== null && !andTheirFolders && !files.has(join(folder, name))) return;
    this.#stopWaiting();
    this.#stopWaiting = this.#clock.after(settleMs, this.#changed);
  }
}
