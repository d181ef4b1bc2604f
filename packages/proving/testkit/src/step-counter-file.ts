import { fileURLToPath } from "node:url";

/** The path is the same from `src` and from `dist`. */
const moduleOf = (name: string): string => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

/** The module of `step-counter.ts`, as `GAME` names it. */
export const stepCounterFile = moduleOf("step-counter.ts");
/** That of `step-scorer.ts`. */
export const stepScorerFile = moduleOf("step-scorer.ts");
