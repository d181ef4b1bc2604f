/*
 * The parts of the cluster: the servers and stores of docker-compose.yml, but with two login-servers, two
 * map-servers, two fronts and a resource-server. If one server of a pair fails, the other one can take over.
 */

/** The servers in the order in which they start. */
export const serverNames = [
  "login-1",
  "login-2",
  "char",
  "map-1",
  "map-2",
  "gateway",
  "front-1",
  "front-2",
  "resource",
] as const;
export type ServerName = (typeof serverNames)[number];

/** The resource-server fetches the keys of tokens from a login-server. */
export const serverLinks = [
  "char to login-1",
  "char to login-2",
  "map-1 to char",
  "map-2 to char",
  "resource to login-1",
] as const;

export const gatewayLinks = [
  "gateway to login-1",
  "gateway to login-2",
  "gateway to char",
  "gateway to map-1",
  "gateway to map-2",
] as const;
export const innerNames = ["login-1", "login-2", "char", "map-1", "map-2"] as const;
export type InnerName = (typeof innerNames)[number];

export const frontNames = ["front-1", "front-2"] as const;
export type FrontName = (typeof frontNames)[number];

/** The first front goes to the servers, the second one to the gateway. */
export const frontLinks = ["front-1 to servers", "front-2 to gateway"] as const;

export const storeLinks = [
  "login-1 to redis",
  "login-2 to redis",
  "char to redis",
  "gateway to redis",
  "login-1 to postgres",
  "login-2 to postgres",
  "char to postgres",
  "resource to postgres",
] as const;

/** The name of a link says which server connects to which. */
export type LinkName =
  | (typeof serverLinks)[number]
  | (typeof gatewayLinks)[number]
  | (typeof frontLinks)[number]
  | (typeof storeLinks)[number];
