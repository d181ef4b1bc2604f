/** The ports for clients of each protocol. */
export interface ClientPorts {
  readonly native: number;
  readonly ragnarok: number;
}

export interface ClusterShape {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly linkPassword: string;
  /** One port for each login-server. */
  readonly loginLinkPorts: readonly number[];
  readonly charLinkPort: number;
  /** Null: clients connect directly to the servers. */
  readonly gateway: Readonly<Record<"login" | "char" | "map", ClientPorts>> | null;
  /** Override all other settings, in every process. */
  readonly settings: Environment;
}

export type Environment = Readonly<Record<string, string>>;

const host = "127.0.0.1";

/*
 * The settings that docker-compose.yml gives each server. `ports` are the ports on which the server itself
 * listens.
 */

export const loginEnvironment = (shape: ClusterShape, nth: number, ports: ClientPorts): Environment => ({
  ...ofServers(shape),
  ...storesOf(shape),
  LOGIN_SERVER_NAME: `login-${nth + 1}`,
  LOGIN_PORT: String(ports.native),
  RAGNAROK_LOGIN_PORT: String(ports.ragnarok),
  LOGIN_LINK_PORT: String(shape.loginLinkPorts[nth]),
  CHAR_SERVERS: `alpha:${shape.linkPassword}`,
  ...shape.settings,
});

export const charEnvironment = (shape: ClusterShape, ports: ClientPorts): Environment => ({
  ...ofServers(shape),
  ...storesOf(shape),
  CHAR_PORT: String(ports.native),
  RAGNAROK_CHAR_PORT: String(ports.ragnarok),
  CHAR_PUBLIC_PORT: String(shape.gateway?.char.native ?? 0),
  RAGNAROK_CHAR_PUBLIC_PORT: String(shape.gateway?.char.ragnarok ?? 0),
  CHAR_LINK_PORT: String(shape.charLinkPort),
  LOGIN_LINK: shape.loginLinkPorts.map((port) => `${host}:${port}`).join(),
  ...shape.settings,
});

export const mapEnvironment = (shape: ClusterShape, name: string, ports: ClientPorts): Environment => ({
  ...ofServers(shape),
  MAP_SERVER_NAME: name,
  MAP_PORT: String(ports.native),
  RAGNAROK_MAP_PORT: String(ports.ragnarok),
  MAP_PUBLIC_PORT: String(shape.gateway?.map.native ?? 0),
  RAGNAROK_MAP_PUBLIC_PORT: String(shape.gateway?.map.ragnarok ?? 0),
  CHAR_LINK: `${host}:${shape.charLinkPort}`,
  ...shape.settings,
});

export const gatewayEnvironment = ({
  redisUrl,
  settings,
  gateway,
}: ClusterShape & { readonly gateway: NonNullable<ClusterShape["gateway"]> }): Environment => ({
  REDIS_URL: redisUrl,
  GATEWAY_LOGIN_PORT: String(gateway.login.native),
  GATEWAY_CHAR_PORT: String(gateway.char.native),
  GATEWAY_MAP_PORT: String(gateway.map.native),
  GATEWAY_RAGNAROK_LOGIN_PORT: String(gateway.login.ragnarok),
  GATEWAY_RAGNAROK_CHAR_PORT: String(gateway.char.ragnarok),
  GATEWAY_RAGNAROK_MAP_PORT: String(gateway.map.ragnarok),
  ...settings,
});

const ofServers = ({ linkPassword, gateway }: ClusterShape): Environment => ({
  LOG_LEVEL: "info",
  CHAR_PASSWORD: linkPassword,
  // The gateway sends the client's address at the beginning of each connection.
  ...(gateway === null ? {} : { PROXY_FROM: host }),
});

const storesOf = ({ redisUrl, databaseUrl }: ClusterShape): Environment => ({
  REDIS_URL: redisUrl,
  DATABASE_URL: databaseUrl,
});
