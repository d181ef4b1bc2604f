import type { Presence } from "@sallyport/cluster-protocol";
import type { JsonObject } from "@sallyport/domain";

/*
 * The directory lists the servers that are up. Each server announces itself. The hint bus carries hints
 * between servers. A hint may get lost. Hints only let a server act at once: without a hint, a deadline or a
 * fence has the same effect later.
 */

/** A server is listed as up for this long after its last announcement. */
export const presenceMs = 6_500;
/** How often a server announces itself. The server stays listed if two announcements in a row get lost. */
export const publishPeriodMs = 2_000;

export interface Directory {
  /** Lists the presence for `presenceMs`. The presence replaces the last one from the same process. */
  publish(presence: Presence): Promise<void>;
  /** Removes the presence of the same process, if it is listed. */
  withdraw(presence: Presence): Promise<void>;
  /**
   * Returns the presences sorted by kind, world and name. If several processes have the same name, the newest
   * comes first.
   */
  list(): Promise<readonly Presence[]>;
}

export interface HintBus {
  /**
   * Sends the hint to all listeners, including those in this process. Rejects with `RangeError` if the JSON
   * of the hint has more than `hintCharsMax` characters.
   */
  tell(topic: string, hint: JsonObject): Promise<void>;
  listen(topic: string, heard: (hint: JsonObject) => void): Listening;
}

export interface Listening {
  /**
   * Resolves when the subscription is active, so that no later hint is missed. While Redis cannot be reached,
   * `ready` stays pending.
   */
  readonly ready: Promise<void>;
  stop(): void;
}

/**
 * An operation rejects with `Unavailable` if the directory is closed, or does not answer within two seconds.
 */
export interface DirectoryService extends Directory, HintBus {
  close(): Promise<void>;
}

export const hintCharsMax = 64 * 1024;

export function checkedHint(topic: string, hint: JsonObject): string {
  const text = JSON.stringify(hint);
  if (text.length > hintCharsMax)
    throw new RangeError(`a hint to ${topic} is ${text.length} characters long`);
  return text;
}
