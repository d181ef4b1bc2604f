/* The entry point of the bundle. A new bundle is made for each fault in a server. */
export { simulateSeed } from "../simulate-seed.ts";
export { outsideFaults } from "./outside-faults.ts";
