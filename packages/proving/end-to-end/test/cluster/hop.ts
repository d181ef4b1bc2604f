import type { Step } from "./walker.ts";

/** Steps of a client from the login door to the char door. */
export const toChar: readonly Step[] = ["reachLogin", "logIn", "reachChar"];
export const choosing: readonly Step[] = [...toChar, "enterChar"];
export const toMap: readonly Step[] = [...choosing, "choose", "reachMap"];
export const playing: readonly Step[] = [...toMap, "enterMap"];
export const walking: readonly Step[] = [...playing, "walk"];
export const backAtDoor: readonly Step[] = [...walking, "goBack", "reachChar"];

/** If a client disconnects, either its server frees the locks at once, or this timer frees them. */
export type Frees = "the server" | "loginToCharMs" | "charToMapMs" | "mapToCharMs";

/** A request to a store that a server makes during a step of a client. */
export interface AskedOfStore {
  /** The steps that the client takes before the request. */
  readonly steps: readonly Step[];
  readonly step: Step;
  /** The name of the request, as in `Around`. */
  readonly what: string;
  /** What frees the locks if the client disconnects during the request. */
  readonly frees: Frees;
}

const during = (steps: readonly Step[], step: Step, frees: Frees, asked: readonly string[]): AskedOfStore[] =>
  asked.map((what) => ({ steps, step, what, frees }));

/**
 * All distinguishable requests, from login until the client has left the map and is at character select
 * again.
 */
export const askedOfStores: readonly AskedOfStore[] = [
  // The server hashes the password only after it has found the name.
  ...during(["reachLogin"], "logIn", "loginToCharMs", [
    "account-find-by-name",
    "account-raise-fence",
    "login.granted",
  ]),
  ...during(["reachLogin"], "prove", "loginToCharMs", ["account-raise-fence"]),
  // The server lists the characters before it takes a lock. A client that leaves meanwhile never came.
  ...during(toChar, "enterChar", "loginToCharMs", ["character-list"]),
  ...during(toChar, "enterChar", "the server", ["login.held", "world.choosing"]),
  ...during(choosing, "choose", "the server", ["world.handing-over", "character-take", "world.entering"]),
  ...during(toMap, "enterMap", "the server", ["world.playing"]),
  ...during(walking, "leave", "the server", ["character-save-many", "world.free", "login.free"]),
  ...during(walking, "goBack", "mapToCharMs", ["character-save-many", "world.returning"]),
  ...during(backAtDoor, "enterChar", "mapToCharMs", ["character-list"]),
  ...during(backAtDoor, "enterChar", "the server", ["world.choosing"]),
];
