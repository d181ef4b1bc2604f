import { nearestTo } from "@sallyport/domain";
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
    const nearest = nearestSetting(variable, known);
    return nearest !== null || ownWords.has(firstWord(variable)) ? [{ variable, nearest }] : [];
  });
}

export const describeUnknown = ({ variable, nearest }: UnknownSetting): string =>
  `${variable} is not a setting${nearest === null ? "" : `; did you mean ${nearest}?`}`;

/** Returns the setting with the fewest spelling mistakes. Returns null if no setting is similar enough. */
const nearestSetting = (text: string, known: readonly string[]): string | null =>
  nearestTo(
    text,
    known.filter(({ length }) => length >= similarCharsMin),
  );

const firstWord = (variable: string): string => variable.split("_", 1)[0] ?? "";
