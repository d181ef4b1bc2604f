import type { Presence } from "@sallyport/cluster-protocol";
import type { JsonObject } from "@sallyport/domain";

/*
 * The directory lists the servers that are up, as they announce themselves. The hint bus carries messages
 * between servers that may get lost: deadlines and fences decide, and a hint only saves the time until they
 * do.
 */

/** A server counts as up for this long after its last announcement. */
export const presenceMs = 6_500;
/** How often a server announces itself. Three announcements in a row may get lost. */
export const publishPeriodMs = 2_000;

export interface Directory {
  /** Lists the presence for `presenceMs`, in place of the last one from the same process. */
  publish(presence: Presence): Promise<void>;
  /** Removes the presence of this process. Harmless if it is not listed. */
  withdraw(presence: Presence): Promise<void>;
  /**
   * Returns the presences sorted by kind, world and name. Of several processes with one name, the newest
   * comes first.
   */
  list(): Promise<readonly Presence[]>;
}

export interface HintBus {
  /**
   * Sends the hint to all current listeners, including those in this process. At most `hintCharsMax` as JSON.
   */
  tell(topic: string, hint: JsonObject): Promise<void>;
  listen(topic: string, heard: (hint: JsonObject) => void): Listening;
}

export interface Listening {
  /** Resolves once all hints from now on are heard. Does not resolve while Redis is away. */
  readonly ready: Promise<void>;
  stop(): void;
}

/**
 * All operations reject with `Unavailable` if there is no answer within a second or two, and after `close`.
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
