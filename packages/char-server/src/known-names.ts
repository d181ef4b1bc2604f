import type { CharacterNames, CharacterStore } from "@sallyport/database";
import { type UntilAvailable, untilAvailable } from "./until-available.ts";

interface KnownNamesDeps extends Omit<UntilAvailable, "waits"> {
  readonly names: CharacterNames;
  readonly characters: Pick<CharacterStore, "fillSkeletons">;
  readonly world: string;
}

/**
 * Has to finish before clients can create characters: no new name may look like one from the time when names
 * were plain.
 */
export async function knowNames({ names, characters, world, ...until }: KnownNamesDeps): Promise<void> {
  if (names.kind !== "unicode") return;
  const waits = "shapes of names not stored in Postgres yet";
  await untilAvailable(() => characters.fillSkeletons(world), { ...until, waits });
}
