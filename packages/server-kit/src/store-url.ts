import { emptyHostIn } from "./settings.ts";

export interface StoreUrlForm {
  /** Without `://`, the usual one first. */
  readonly schemes: readonly string[];
  /** As a whole it would be like this. */
  readonly example: string;
  /** Of a scheme that stands for a file: nothing of what follows is looked at. */
  readonly fileScheme?: string;
}

const advice = "percent-encode the user and the password: @ is %40, : %3A, / %2F, ? %3F, # %23, % %25";

/**
 * In words what is wrong with the URL of a store; null: nothing. Never with any part of it but its scheme, for where a
 * password ends cannot be known: with an @, / or # that is not encoded, parts of it look like a host or a path.
 */
export function storeUrlProblem(text: string, { schemes, example, fileScheme }: StoreUrlForm): string | null {
  const [beginning = "", scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return `is not a URL; it has to be like ${example}`;
  if (!schemes.includes(scheme)) return `begins with ${scheme}://; it has to be like ${example}`;
  if (scheme === fileScheme) return null;
  const rest = text.slice(beginning.length);
  const end = rest.lastIndexOf("@");
  const account = rest.slice(0, Math.max(0, end));
  if (!isEncoded(account))
    return `its user or password holds a character that may not stand there; ${advice}`;
  const hosts = (rest.slice(end + 1).split(/[/?#]/, 1)[0] ?? "").split(",");
  const empty = hosts.length === 1 ? null : emptyHostIn(hosts);
  if (empty !== null) return `${empty}; one comma stands between two hosts, and none at the end`;
  return hosts.every(isHost) ? null : `its host or port is not valid; ${advice}`;
}

/** One colon stands between user and password. */
function isEncoded(account: string): boolean {
  if (!/^[^@:/?#[\]\s]*(?::[^@/?#[\]\s]*)?$/.test(account)) return false;
  try {
    decodeURIComponent(account);
    return true;
  } catch {
    return false;
  }
}

/** Where there is but one, none is one as well: the default, or what the query names. */
const isHost = (text: string): boolean => text === "" || URL.canParse(`tcp://${text}`);
