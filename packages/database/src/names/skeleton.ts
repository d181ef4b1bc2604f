import { lookAlikes } from "./unicode-data.ts";

const prototypes = new Map(
  lookAlikes.map((entry) => {
    const [source = "", ...looksLike] = entry;
    return [source, looksLike.join("")];
  }),
);

/** What texts that look alike have in common, by UTS 39: not for people to see. */
function skeleton(text: string): string {
  const parts = Array.from(text.normalize("NFD"), (part) => prototypes.get(part) ?? part);
  return parts.join("").normalize("NFD");
}

/**
 * Of two names that look alike, as they are written or in capitals, or that differ in case only, at least one is the
 * same. In order, and none twice.
 */
export function skeletonsOf(name: string): readonly string[] {
  const asWritten = skeleton(skeleton(name).toLowerCase());
  const inCapitals = skeleton(name.toUpperCase());
  return [...new Set([asWritten, inCapitals])].sort();
}
