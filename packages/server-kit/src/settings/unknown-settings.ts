import type { Environment } from "./settings.ts";

/** An environment variable that looks like a setting but is none. */
export interface UnknownSetting {
  readonly variable: string;
  readonly nearest: string | null;
}

/**
 * Variables of other programs can also begin with these words. Such a variable is reported only if its whole
 * name is similar to the name of a setting.
 */
const sharedWords = new Set([
  "ADMIN",
  "DATABASE",
  "DRAIN",
  "GAME",
  "LINK",
  "LOG",
  "PROXY",
  "REDIS",
  "STOP",
  "TLS",
  "WEB",
]);
/** Kubernetes sets variables of this form for a service: `LOGIN_SERVICE_HOST`, `LOGIN_PORT_7100_TCP_ADDR`. */
const serviceLink = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/;
const serviceLinkText = /^(tcp|udp|sctp):\/\//;
/** Maximum number of spelling mistakes in a similar name. Two swapped letters are one mistake. */
const mistakesMax = 2;
/** Shorter names of settings are like too many names of other programs: `GAME` is like `HOME` and `NAME`. */
const similarCharsMin = 6;

/**
 * Returns the variables that look like settings but are none. `known` must have the settings of all programs,
 * because several programs can share one environment.
 */
export function unknownSettings(
  environment: Environment,
  known: readonly string[],
): readonly UnknownSetting[] {
  const all = new Set(known);
  const ownWords = new Set(known.map(firstWord).filter((word) => !sharedWords.has(word)));
  return Object.entries(environment).flatMap(([variable, text = ""]) => {
    if (all.has(variable) || serviceLink.test(variable) || serviceLinkText.test(text)) return [];
    const nearest = nearestTo(variable, known);
    return nearest !== null || ownWords.has(firstWord(variable)) ? [{ variable, nearest }] : [];
  });
}

export const describeUnknown = ({ variable, nearest }: UnknownSetting): string =>
  `${variable} is not a setting${nearest === null ? "" : `; did you mean ${nearest}?`}`;

/** Returns the setting with the fewest spelling mistakes. Returns null if no setting is similar enough. */
export function nearestTo(text: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let fewest = mistakesMax + 1;
  for (const candidate of known) {
    if (candidate.length < similarCharsMin) continue;
    const mistakes = mistakesBetween(text, candidate);
    if (mistakes < fewest) [nearest, fewest] = [candidate, mistakes];
  }
  return nearest;
}

const firstWord = (variable: string): string => variable.split("_", 1)[0] ?? "";

/** Returns the number of letters to insert, remove, replace or swap (optimal string alignment). */
function mistakesBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > mistakesMax) return Number.POSITIVE_INFINITY;
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    [before, last] = [last, row];
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
