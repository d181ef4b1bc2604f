/** One of the hosts in `DATABASE_URL`. */
export interface PostgresHost {
  /** The host with its port, if one is given. */
  readonly name: string;
  /** A URL with one host, because `pg` accepts no more. */
  readonly url: string;
}

const shape =
  /^(?<scheme>postgres(?:ql)?:\/\/)(?:(?<user>.*)@)?(?<hosts>[^/?@]*)(?<database>\/[^?]*)?(?:\?(?<query>.*))?$/;

/** Servers write, so a connection that can only read is useless to them. */
const attribute = "target_session_attrs";
const attributesTaken = ["read-write", "primary"];

/**
 * The hosts in the order in which they are tried. Several hosts stand before the database, as in
 * `postgres://user:password@h1,h2:5433/db?target_session_attrs=read-write`. Throws an error for the operator,
 * without the password.
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
  // `pg` does not know this attribute; every connection is checked here instead.
  const kept = (query ?? "").split("&").filter((each) => each.split("=")[0] !== attribute);
  const rest = `${database ?? ""}${kept.join("") === "" ? "" : `?${kept.join("&")}`}`;
  const account = user === undefined ? "" : `${user}@`;
  return hosts.split(",").map((name) => ({ name, url: `${scheme}${account}${name}${rest}` }));
}

/**
 * Works for any text, even if it is not a URL. In doubt it removes too much, so that no part of the password
 * is left.
 */
export function withoutPassword(url: string): string {
  const [, before = "", account, after = ""] = /^(\w[\w+.-]*:\/\/)?(?:(.*)@)?(.*)$/s.exec(url) ?? [];
  const user = account === undefined ? "" : `${account.split(/[:/?#@]/)[0]}@`;
  return `${before}${user}${after.replaceAll(/([?&](?:ssl)?password=)[^&]*/g, "$1…")}`;
}
