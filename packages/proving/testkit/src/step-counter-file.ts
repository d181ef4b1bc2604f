import { fileURLToPath } from "node:url";

/** The module of `step-counter.ts`, as `GAME` names it. The path is the same from `src` and from `dist`. */
export const stepCounterFile = fileURLToPath(new URL("../src/step-counter.ts", import.meta.url));
