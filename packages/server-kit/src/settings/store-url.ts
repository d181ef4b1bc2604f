import { emptyHostIn } from "./settings.ts";

export interface StoreUrlForm {
  /** The schemes without `://`. The usual scheme comes first. */
  readonly schemes: readonly string[];
  /** An example of a whole URL. */
  readonly example: string;
  /** A scheme for a file: the rest of the URL is not checked. */
  readonly fileScheme?: string;
}

const advice = "percent-encode the user and the password: @ is %40, : %3A, / %2F, ? %3F, # %23, % %25";

/**
 * Says in words what is wrong with the URL of a store; null: nothing. It quotes only the scheme, because the
 * end of a password is not known: with an unencoded @, / or #, parts of it look like a host or a path.
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
    return `its user or password contains a character that must be percent-encoded; ${advice}`;
  const hosts = (rest.slice(end + 1).split(/[/?#]/, 1)[0] ?? "").split(",");
  const empty = hosts.length === 1 ? null : emptyHostIn(hosts);
  if (empty !== null) return `${empty}; separate hosts by one comma, with none at the end`;
  return hosts.every(isHost) ? null : `its host or port is not valid; ${advice}`;
}

/** One colon separates user and password. */
function isEncoded(account: string): boolean {
  if (!/^[^@:/?#[\]\s]*(?::[^@/?#[\]\s]*)?$/.test(account)) return false;
  try {
    decodeURIComponent(account);
    return true;
  } catch {
    return false;
  }
}

/** If there is only one host, it may be empty: then the default or the query names it. */
const isHost = (text: string): boolean => text === "" || URL.canParse(`tcp://${text}`);
