import { type Presence, presence as presenceField, serverKinds } from "@sallyport/cluster-protocol";
import { WireError } from "@sallyport/wire";

/** The id of one process in one role. A new presence replaces the last presence with the same id. */
export const idOf = ({ kind, world, name, incarnation }: Presence): string =>
  JSON.stringify([kind, world, name, incarnation]);

/** Uses the encoding of messages between servers, which servers of different releases understand. */
export const textOf = (presence: Presence): string => JSON.stringify(presenceField.pack(presence));

/** Skips a presence that cannot be read, because it comes from a later release. */
export function presencesIn(texts: readonly string[]): readonly Presence[] {
  return texts.flatMap((text) => presenceIn(text) ?? []).sort(inOrder);
}

function presenceIn(text: string): Presence | null {
  try {
    return presenceField.parse(JSON.parse(text), "presence");
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function inOrder(a: Presence, b: Presence): number {
  const byKind = serverKinds.indexOf(a.kind) - serverKinds.indexOf(b.kind);
  const byName = compare(a.world ?? "", b.world ?? "") || compare(a.name, b.name);
  return byKind || byName || b.sinceMs - a.sinceMs;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
