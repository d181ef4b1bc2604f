import type { Presence } from "@sallyport/cluster-protocol";
import type { JsonObject } from "@sallyport/domain";

/*
 * Who is up, as the servers tell it themselves, and a way to tell each other something that may get lost. Deadlines
 * and fences decide; this only saves the time until they do.
 */

/** Longer than a server may be silent and still count as there. */
export const presenceMs = 6_500;
/** How often a server says that it is there; three in a row may get lost. */
export const publishPeriodMs = 2_000;

export interface Directory {
  /** Puts it on the list, in place of what the same process told before, for `presenceMs`. */
  publish(presence: Presence): Promise<void>;
  /** Takes off what this process told. Harmless when it is not on the list. */
  withdraw(presence: Presence): Promise<void>;
  /** By kind, world and name; of several processes of one name the newest first. */
  list(): Promise<readonly Presence[]>;
}

export interface HintBus {
  /** To everybody who listens at the moment, this process included. At most `hintCharsMax` as JSON. */
  tell(topic: string, hint: JsonObject): Promise<void>;
  listen(topic: string, heard: (hint: JsonObject) => void): Listening;
}

export interface Listening {
  /** Resolves once what is told from then on is heard. While Redis is away, that is not yet. */
  readonly ready: Promise<void>;
  stop(): void;
}

/** All operations reject with `Unavailable` when nobody answers, within a second or two, and after `close`. */
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
