import { type DirectoryService, MemoryDirectory, MemoryDirectoryState, presenceMs } from "../src/index.ts";
import { directoryContract } from "./contract.ts";

directoryContract("memory", async () => {
  let nowMs = 0;
  const state = new MemoryDirectoryState();
  const opened: DirectoryService[] = [];
  return {
    open() {
      const directory = new MemoryDirectory({ nowMs: () => nowMs, state });
      opened.push(directory);
      return directory;
    },
    async presencesEnd() {
      nowMs += presenceMs;
    },
    async putForeign(text) {
      state.presences.set(text, { text, untilMs: nowMs + presenceMs });
    },
    async close() {
      for (const directory of opened) await directory.close();
    },
  };
});
