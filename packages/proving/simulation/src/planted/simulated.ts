/* The entry point that is bundled anew for each fault in a server. */
export { simulateSeed } from "../simulate-seed.ts";
export { outsideFaults } from "./outside-faults.ts";
