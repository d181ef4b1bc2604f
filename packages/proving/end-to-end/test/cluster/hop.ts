import type { Step } from "./walker.ts";

/** How far a client has come. */
export const toChar: readonly Step[] = ["reachLogin", "logIn", "reachChar"];
export const choosing: readonly Step[] = [...toChar, "enterChar"];
export const toMap: readonly Step[] = [...choosing, "choose", "reachMap"];
export const playing: readonly Step[] = [...toMap, "enterMap"];
export const walking: readonly Step[] = [...playing, "walk"];
export const backAtDoor: readonly Step[] = [...walking, "goBack", "reachChar"];

/** What ends the locks of a client that went away: the server that sees it go, or a timer of the lock design. */
export type Frees = "the server" | "loginToCharMs" | "charToMapMs" | "mapToCharMs";

/** One thing that a server asks of a store to carry out a step. */
export interface AskedOfStore {
  /** Taken before. */
  readonly steps: readonly Step[];
  readonly step: Step;
  /** See `Around`. */
  readonly what: string;
  /** What ends the locks when the client goes during it. */
  readonly frees: Frees;
}

const during = (steps: readonly Step[], step: Step, frees: Frees, asked: readonly string[]): AskedOfStore[] =>
  asked.map((what) => ({ steps, step, what, frees }));

/** All of it that can be told apart, from login to leaving and back at character select. */
export const askedOfStores: readonly AskedOfStore[] = [
  // After the name was found the server hashes.
  ...during(["reachLogin"], "logIn", "loginToCharMs", [
    "account-find-by-name",
    "account-raise-fence",
    "login.granted",
  ]),
  ...during(["reachLogin"], "prove", "loginToCharMs", ["account-raise-fence"]),
  ...during(toChar, "enterChar", "the server", ["login.held", "world.choosing", "character-list"]),
  ...during(choosing, "choose", "the server", ["world.handing-over", "character-take", "world.entering"]),
  ...during(toMap, "enterMap", "the server", ["world.playing"]),
  ...during(walking, "leave", "the server", ["character-save-many", "world.free", "login.free"]),
  ...during(walking, "goBack", "mapToCharMs", ["character-save-many", "world.returning"]),
  ...during(backAtDoor, "enterChar", "the server", ["world.choosing", "character-list"]),
];
