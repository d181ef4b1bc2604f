import type { CharacterLine } from "@sallyport/lock-core";

/** The level and the message of each log line about a player. */
export const lines: { readonly [L in CharacterLine]: readonly ["info" | "warn" | "error", string] } = {
  left: ["info", "left"],
  "not-released": ["warn", "character lock not released yet"],
  "last-save-failed": ["error", "final save of a player not stored"],
  "save-failed": ["warn", "player not saved yet"],
  hopped: ["info", "player moved to another map-server"],
  "not-hopped": ["info", "player could not move to another map-server"],
  dropped: ["info", "player dropped without saving"],
};
