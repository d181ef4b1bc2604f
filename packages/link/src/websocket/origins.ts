/**
 * The origins of pages that are allowed to connect. There are three forms: any page, a list of origins, or
 * only pages on this machine and on the given hosts. In `https://*.example.org` the `*` stands for every name
 * below example.org, but not for example.org itself.
 */
export type Origins = "any" | readonly string[] | { readonly hosts: readonly string[] };

export function originCheck(origins: Origins): (origin: string) => boolean {
  if (origins === "any") return () => true;
  if (Array.isArray(origins)) {
    const checks = (origins as readonly string[]).map(checkOf);
    return (origin) => checks.some((check) => check(origin));
  }
  const { hosts } = origins as { readonly hosts: readonly string[] };
  return (origin) => {
    const host = hostOf(origin);
    return host !== null && (isLoopback(host) || hosts.includes(host));
  };
}

function checkOf(listed: string): (origin: string) => boolean {
  const [before = "", after] = listed.split("*");
  if (after === undefined) return (origin) => origin === listed;
  return (origin) =>
    origin.startsWith(before) &&
    origin.endsWith(after) &&
    /^[a-z\d.-]+$/i.test(origin.slice(before.length, -after.length));
}

/** Returns null for an opaque origin. Browsers write such an origin as `null`. */
function hostOf(origin: string): string | null {
  if (!URL.canParse(origin)) return null;
  return new URL(origin).hostname.replace(/^\[(.*)\]$/, "$1");
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
