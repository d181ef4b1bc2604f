import type { CharacterNames, CharacterStore } from "@sallyport/database";
import type { Host } from "@sallyport/server-kit";
import { untilAvailable } from "./until-available.ts";

interface KnownNamesDeps {
  readonly names: CharacterNames;
  readonly characters: Pick<CharacterStore, "fillSkeletons">;
  readonly world: string;
  readonly isOver: () => boolean;
}

/**
 * Has to finish before clients can create characters: no new name may look like one from the time when names
 * were plain.
 */
export async function knowNames(
  host: Pick<Host, "clock" | "log">,
  { names, characters, world, isOver }: KnownNamesDeps,
): Promise<void> {
  if (names.kind !== "unicode") return;
  const waits = "look-alike names not stored in Postgres yet";
  await untilAvailable(host, () => characters.fillSkeletons(world), { waits, isOver });
}
