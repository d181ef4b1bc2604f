import { lookAlikes } from "./unicode-data.ts";

const prototypes = new Map(
  lookAlikes.map((entry) => {
    const [source = "", ...looksLike] = entry;
    return [source, looksLike.join("")];
  }),
);

/** One form for all texts that look alike, by UTS 39. It is not meant to be shown. */
function skeleton(text: string): string {
  const parts = Array.from(text.normalize("NFD"), (part) => prototypes.get(part) ?? part);
  return parts.join("").normalize("NFD");
}

/**
 * Two names share at least one skeleton if they look alike, as written or in capitals, or if they differ only
 * in case. In order, without duplicates.
 */
export function skeletonsOf(name: string): readonly string[] {
  const asWritten = skeleton(skeleton(name).toLowerCase());
  const inCapitals = skeleton(name.toUpperCase());
  return [...new Set([asWritten, inCapitals])].sort();
}
