/*
 * What the cluster is made of: that of docker-compose.yml, with as many login- and map-servers as it takes for one of
 * them to do what another does not.
 */

/** In the order in which they are started. */
export const serverNames = ["login-1", "login-2", "char", "map-1", "map-2", "gateway"] as const;
export type ServerName = (typeof serverNames)[number];

export const serverLinks = ["char to login-1", "char to login-2", "map-1 to char", "map-2 to char"] as const;

/** On which it leads clients on. */
export const gatewayLinks = [
  "gateway to login-1",
  "gateway to login-2",
  "gateway to char",
  "gateway to map-1",
  "gateway to map-2",
] as const;
export type InnerName = Exclude<ServerName, "gateway">;

export const storeLinks = [
  "login-1 to redis",
  "login-2 to redis",
  "char to redis",
  "gateway to redis",
  "login-1 to postgres",
  "login-2 to postgres",
  "char to postgres",
] as const;

/** By who connects to whom. */
export type LinkName =
  | (typeof serverLinks)[number]
  | (typeof gatewayLinks)[number]
  | (typeof storeLinks)[number];

/** By name, with what is made for it. */
export const record = <K extends string, V>(
  names: readonly K[],
  valueOf: (name: K) => V,
): { readonly [name in K]: V } =>
  Object.fromEntries(names.map((name) => [name, valueOf(name)])) as { readonly [name in K]: V };
