import { emptyHostIn } from "./settings.ts";

export interface StoreUrlForm {
  /** The schemes of the URL, without `://`. The usual scheme comes first. */
  readonly schemes: readonly string[];
  readonly example: string;
  /** URLs with this scheme contain a file. The rest of such a URL is not checked. */
  readonly fileScheme?: string;
}

const advice = "percent-encode the user and the password: @ is %40, : %3A, / %2F, ? %3F, # %23, % %25";

/**
 * Describes the problem in the URL of a store. Returns null if there is none. The text quotes only the
 * scheme. If a password contains an unencoded @, / or #, a part of the password looks like a host or a path.
 * So hosts and paths are not quoted.
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

/** True if the account has the form `user` or `user:password`, with special characters percent-encoded. */
function isEncoded(account: string): boolean {
  if (!/^[^@:/?#[\]\s]*(?::[^@/?#[\]\s]*)?$/.test(account)) return false;
  try {
    decodeURIComponent(account);
    return true;
  } catch {
    return false;
  }
}

/** An empty host is valid. The query of the URL can name the host, or the default host is used. */
const isHost = (text: string): boolean => text === "" || URL.canParse(`tcp://${text}`);
