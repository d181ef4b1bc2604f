import type { Introduction } from "@sallyport/dialects";

/** Numbers with dots between them, such as `0.106`. */
type Version = readonly number[];

interface Served {
  readonly dialect: string;
  /** `protocol`: the version of the protocol, or the PACKETVER. `program`: what the client says of itself. */
  readonly of: "protocol" | "program";
  /** Null: no bound. */
  readonly oldest: Version | null;
  readonly newest: Version | null;
}

/** A client has to fit one of these. Empty: all clients are served. */
export type ClientVersions = readonly Served[];

const entry = /^([a-z][\w-]{0,23})(?:([:@])(\d[\d.]{0,31})?(-)?(\d[\d.]{0,31})?)?$/;

/**
 * Reads a list like `native:2-,native@0.106,ragnarok:20100105-20101228`. After `:` is the version of the
 * protocol, after `@` that of the program. Returns null if the list cannot be read.
 */
export function readClientVersions(text: string): ClientVersions | null {
  const entries = text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "")
    .map(readEntry);
  return entries.some((each) => each === null) ? null : entries.filter((each) => each !== null);
}

function readEntry(text: string): Served | null {
  const [, dialect, sign, from, dash, to] = entry.exec(text) ?? [];
  if (dialect === undefined) return null;
  if (sign !== undefined && from === undefined && to === undefined) return null;
  // `1.2` without a dash is that version alone.
  const [oldest, newest] = [from ?? null, (dash === undefined ? from : to) ?? null].map((each) =>
    each === null ? null : each.split(".").map(Number),
  );
  return {
    dialect,
    of: sign === "@" ? "program" : "protocol",
    oldest: oldest ?? null,
    newest: newest ?? null,
  };
}

/** The introduction of a client is not proven: a client that lies is served. */
export function isServed(versions: ClientVersions, client: Introduction | null): boolean {
  if (versions.length === 0) return true;
  return versions.some((served) => client !== null && fits(served, client));
}

function fits({ dialect, of, oldest, newest }: Served, client: Introduction): boolean {
  if (dialect !== client.dialect) return false;
  if (oldest === null && newest === null) return true;
  const said = of === "protocol" ? String(client.version) : client.programVersion;
  if (!/^\d+(\.\d+)*$/.test(said)) return false;
  const version = said.split(".").map(Number);
  return (
    (oldest === null || compare(version, oldest) >= 0) && (newest === null || compare(version, newest) <= 0)
  );
}

/** A missing part counts as 0, so `1.2` is `1.2.0`. */
function compare(a: Version, b: Version): number {
  const differing = [...a, ...b].findIndex((_, index) => (a[index] ?? 0) !== (b[index] ?? 0));
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
