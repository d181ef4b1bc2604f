import { lookAlikes } from "./unicode-data.ts";

const prototypes = new Map(
  lookAlikes.map((entry) => {
    const [source = "", ...looksLike] = entry;
    return [source, looksLike.join("")];
  }),
);

/**
 * Gives texts that look alike the same form, as UTS 39 says. The form is for comparing and not for showing.
 */
function skeleton(text: string): string {
  const parts = Array.from(text.normalize("NFD"), (part) => prototypes.get(part) ?? part);
  return parts.join("").normalize("NFD");
}

/**
 * Two names share a skeleton if they look alike as written or in capitals, or differ only in case. The
 * skeletons are sorted, without duplicates.
 */
export function skeletonsOf(name: string): readonly string[] {
  const asWritten = skeleton(skeleton(name).toLowerCase());
  const inCapitals = skeleton(name.toUpperCase());
  return [...new Set([asWritten, inCapitals])].sort();
}
