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
 * Computes the look-alike forms of names that were created under a different name rule. This has to finish
 * before clients can create characters, so that no new name looks like one of these older names.
 */
export async function knowNames(
  host: Pick<Host, "clock" | "log">,
  { names, characters, world, isOver }: KnownNamesDeps,
): Promise<void> {
  if (names.kind !== "unicode") return;
  const waits = "look-alike names not stored in Postgres yet";
  await untilAvailable(host, () => characters.fillSkeletons(world), { waits, isOver });
}
