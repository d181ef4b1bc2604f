import type { Spread } from "./report.ts";

/** Returns the number with few digits and without an exponent. Returns "–" if the number is not finite. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value < 0) return `-${short(-value)}`;
  if (value >= 100) return value.toFixed(0);
  return value >= 10
    ? value.toFixed(1)
    : value >= 0.1 || value === 0
      ? value.toFixed(2)
      : value.toPrecision(2);
}

export const range = ({ least, most }: Spread): string => `${short(least)}–${short(most)}`;
