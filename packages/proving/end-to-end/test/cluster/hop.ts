import type { Step } from "./walker.ts";

/** The steps that a client has taken. */
export const toChar: readonly Step[] = ["reachLogin", "logIn", "reachChar"];
export const choosing: readonly Step[] = [...toChar, "enterChar"];
export const toMap: readonly Step[] = [...choosing, "choose", "reachMap"];
export const playing: readonly Step[] = [...toMap, "enterMap"];
export const walking: readonly Step[] = [...playing, "walk"];
export const backAtDoor: readonly Step[] = [...walking, "goBack", "reachChar"];

/** The server or the timer that ends the locks of a client that went away. */
export type Frees = "the server" | "loginToCharMs" | "charToMapMs" | "mapToCharMs";

/** One request to a store that a server makes to carry out a step. */
export interface AskedOfStore {
  /** The earlier steps. */
  readonly steps: readonly Step[];
  readonly step: Step;
  /** See `Around`. */
  readonly what: string;
  /** The server or the timer that ends the locks if the client goes during the request. */
  readonly frees: Frees;
}

const during = (steps: readonly Step[], step: Step, frees: Frees, asked: readonly string[]): AskedOfStore[] =>
  asked.map((what) => ({ steps, step, what, frees }));

/** All such requests that can be told apart, from login to leaving and back at character select. */
export const askedOfStores: readonly AskedOfStore[] = [
  // The server hashes the password after it has found the name.
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
