/** One of those that `DATABASE_URL` names. */
export interface PostgresHost {
  /** With its port, where that is given. */
  readonly name: string;
  /** As `pg` takes it, which knows no more than one host. */
  readonly url: string;
}

const shape =
  /^(?<scheme>postgres(?:ql)?:\/\/)(?:(?<user>.*)@)?(?<hosts>[^/?@]*)(?<database>\/[^?]*)?(?:\?(?<query>.*))?$/;

/** Servers write, so that a connection that only reads is of no use to them. */
const attribute = "target_session_attrs";
const attributesTaken = ["read-write", "primary"];

/**
 * In the order in which they are tried. Several stand before the database, like
 * `postgres://user:password@h1,h2:5433/db?target_session_attrs=read-write`. Throws an error for the operator, without the password.
 */
export function postgresHosts(url: string): readonly PostgresHost[] {
  const text = withoutPassword(url);
  const { scheme, user, hosts, database, query } = shape.exec(url)?.groups ?? {};
  if (scheme === undefined || hosts === undefined) {
    throw new Error(`DATABASE_URL ${text}: expected postgres://user:password@host/database`);
  }
  const parameters = new URLSearchParams(query);
  if (/[,]/.test(parameters.get("host") ?? "")) {
    throw new Error(`DATABASE_URL ${text}: name several hosts like postgres://h1,h2/database`);
  }
  const attributes = parameters.get(attribute);
  if (attributes !== null && !attributesTaken.includes(attributes)) {
    const advice = `servers write, so that it has to be ${attributesTaken.join(" or ")}, or left out`;
    throw new Error(`DATABASE_URL ${text}: ${attribute} is ${attributes}; ${advice}`);
  }
  // `pg` does not know it; the check that stands for it is made on every connection.
  const kept = (query ?? "").split("&").filter((each) => each.split("=")[0] !== attribute);
  const rest = `${database ?? ""}${kept.join("") === "" ? "" : `?${kept.join("&")}`}`;
  const account = user === undefined ? "" : `${user}@`;
  return hosts.split(",").map((name) => ({ name, url: `${scheme}${account}${name}${rest}` }));
}

/** Of any text, also of one that is no URL: rather too much is cut than a part of the password left. */
export function withoutPassword(url: string): string {
  const [, before = "", account, after = ""] = /^(\w[\w+.-]*:\/\/)?(?:(.*)@)?(.*)$/s.exec(url) ?? [];
  const user = account === undefined ? "" : `${account.split(/[:/?#@]/)[0]}@`;
  return `${before}${user}${after.replaceAll(/([?&](?:ssl)?password=)[^&]*/g, "$1…")}`;
}
