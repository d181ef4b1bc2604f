const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A duration in words, without needless precision. */
export function duration(ms: number): string {
  if (ms < second) return "less than a second";
  if (ms < 2 * minute) return `${Math.ceil(ms / second)} s`;
  if (ms < 2 * hour) return `${Math.round(ms / minute)} min`;
  return ms < 2 * day ? `${Math.round(ms / hour)} h` : `${Math.round(ms / day)} days`;
}

/** A time in UTC, without seconds. */
export const moment = (atMs: number): string =>
  `${new Date(atMs)
    .toISOString()
    .replace(/:\d\d\.\d{3}Z$/, "")
    .replace("T", " ")} UTC`;

/** A time in UTC, with seconds, to be compared with lines of a log. */
export const momentToTheSecond = (atMs: number): string =>
  `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** A `Date` can hold no later time. */
const dateMsMax = 8.64e15;

/** ISO 8601, or `infinity` for a time without end. */
export function isoUntil<T extends number | null>(atMs: T): string | (T & null) {
  if (atMs === null) return atMs as T & null;
  return atMs > dateMsMax ? "infinity" : new Date(atMs).toISOString();
}

/** Replaces each `{name}` with its value. Throws if a value is missing, because that is a bug. */
export function filled(template: string, values: { readonly [name: string]: string | null }): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === null || value === undefined) throw new Error(`no {${name}} for: ${template}`);
    return value;
  });
}
