export interface PostgresHost {
  /** The host, with its port if the URL gives one. */
  readonly name: string;
  /** A URL with this host only, because `pg` accepts only one host in a URL. */
  readonly url: string;
}

const shape =
  /^(?<scheme>postgres(?:ql)?:\/\/)(?:(?<user>.*)@)?(?<hosts>[^/?@]*)(?<database>\/[^?]*)?(?:\?(?<query>.*))?$/;

/** This parameter says which kind of server is wanted. Only servers that accept writes are useful here. */
const attribute = "target_session_attrs";
const attributesTaken = ["read-write", "primary"];

/**
 * Returns the hosts in the order in which they are tried. A URL with several hosts looks like
 * `postgres://user:password@h1,h2:5433/db?target_session_attrs=read-write`. Throws an error that tells the
 * operator what to correct. The error does not contain the password.
 */
export function postgresHosts(url: string): readonly PostgresHost[] {
  const text = withoutPassword(url);
  const { scheme, user, hosts, database, query } = shape.exec(url)?.groups ?? {};
  if (scheme === undefined || hosts === undefined) {
    throw new Error(`DATABASE_URL ${text}: expected postgres://user:password@host/database`);
  }
  const parameters = new URLSearchParams(query);
  if (/[,]/.test(parameters.get("host") ?? "")) {
    throw new Error(`DATABASE_URL ${text}: write several hosts like postgres://h1,h2/database`);
  }
  const attributes = parameters.get(attribute);
  if (attributes !== null && !attributesTaken.includes(attributes)) {
    const advice = `servers write; set it to ${attributesTaken.join(" or ")}, or leave it out`;
    throw new Error(`DATABASE_URL ${text}: ${attribute} is ${attributes}; ${advice}`);
  }
  // `pg` does not know this parameter. `createConnector` checks every connection instead.
  const kept = (query ?? "").split("&").filter((each) => each.split("=")[0] !== attribute);
  const rest = `${database ?? ""}${kept.join("") === "" ? "" : `?${kept.join("&")}`}`;
  const account = user === undefined ? "" : `${user}@`;
  return hosts.split(",").map((name) => ({ name, url: `${scheme}${account}${name}${rest}` }));
}

/** Works for any text, even if it is not a URL. In doubt it removes more than the password. */
export function withoutPassword(url: string): string {
  const [, before = "", account, after = ""] = /^(\w[\w+.-]*:\/\/)?(?:(.*)@)?(.*)$/s.exec(url) ?? [];
  const user = account === undefined ? "" : `${account.split(/[:/?#@]/)[0]}@`;
  return `${before}${user}${after.replaceAll(/([?&](?:ssl)?password=)[^&]*/g, "$1…")}`;
}
