import { record } from "@sallyport/bots";
import { freePorts } from "@sallyport/testkit";

export type Environment = Readonly<Record<string, string>>;

export const tiers = ["login", "char", "map"] as const;
export type Tier = (typeof tiers)[number];

/** The port for each protocol of clients. `tcp` and `websocket` carry the native dialect. */
export interface Doors {
  readonly tcp?: number;
  readonly websocket?: number;
  readonly ragnarok?: number;
  /** Only login-servers have this port. */
  readonly aSeries?: number;
}

/** The options that the servers of a cluster share. If an option is absent, the servers use their default. */
export interface ClusterPlan {
  readonly linkPassword: string;
  readonly loginServers: readonly string[];
  /**
   * Returns the address at which a server finds a store, a login-server or the char-server: a URL, or host
   * and port.
   */
  readonly find: (server: string, what: string) => string;
  /** Servers listen on this host for clients and for each other. */
  readonly host?: string;
  /** Servers send clients to this host. */
  readonly publicHost?: string;
  /** A gateway connects to servers at this host. */
  readonly innerHost?: string;
  /** Servers believe PROXY headers only from these addresses. */
  readonly proxyFrom?: string;
  /** Settings of every process, which override those of the plan. */
  readonly settings?: Environment;
}

export interface PlannedServer {
  readonly tier: Tier;
  readonly name: string;
  readonly doors?: Doors;
  /** The ports to which servers send clients. */
  readonly told?: Doors;
  readonly linkPort?: number | undefined;
}

const world = "alpha";

/** The environment of a server, with the settings that docker-compose.yml gives it. */
export function environmentOf(plan: ClusterPlan, server: PlannedServer): Environment {
  const { linkPassword, host, loginServers, settings } = plan;
  const { tier, name, linkPort } = server;
  const find = (what: string): string => plan.find(name, what);
  const stores = () => ({ REDIS_URL: find("redis"), DATABASE_URL: find("postgres") });
  const toServers = { CHAR_USERNAME: world, CHAR_PASSWORD: linkPassword };
  const ofTier = {
    login: () => ({
      ...stores(),
      LOGIN_SERVER_NAME: name,
      LOGIN_LINK_HOST: host,
      LOGIN_LINK_PORT: linkPort,
      CHAR_SERVERS: `${world}:${linkPassword}`,
    }),
    char: () => ({
      ...stores(),
      ...toServers,
      CHAR_PUBLIC_HOST: plan.publicHost,
      CHAR_LINK_HOST: host,
      CHAR_LINK_PORT: linkPort,
      LOGIN_LINK: loginServers.map(find).join(),
    }),
    map: () => ({
      ...toServers,
      MAP_SERVER_NAME: name,
      MAP_PUBLIC_HOST: plan.publicHost,
      CHAR_LINK: find("char"),
    }),
  };
  const prefix = tier.toUpperCase();
  return given({
    LOG_LEVEL: "info",
    PROXY_FROM: plan.proxyFrom,
    [`${prefix}_HOST`]: host,
    [`${prefix}_INNER_HOST`]: plan.innerHost,
    ...doorSettings("", tier, "PORT", server.doors),
    ...doorSettings("", tier, "PUBLIC_PORT", server.told),
    ...ofTier[tier](),
    ...settings,
  });
}

export function gatewayEnvironmentOf(
  { find, host, settings }: ClusterPlan,
  {
    name,
    doors,
    front,
  }: {
    readonly name: string;
    readonly doors: Readonly<Partial<Record<Tier, Doors>>>;
    /** The address of a front that goes through this gateway. */
    readonly front?: string;
  },
): Environment {
  return given({
    LOG_LEVEL: "info",
    REDIS_URL: find(name, "redis"),
    GATEWAY_NAME: name,
    GATEWAY_HOST: host,
    PROXY_FROM: front,
    ...Object.assign({}, ...tiers.map((tier) => doorSettings("GATEWAY_", tier, "PORT", doors[tier]))),
    ...settings,
  });
}

/**
 * A front that finds all servers at the host `gateway`: a gateway, or a host on which all servers are. `login` is
 * the address of the login door, host and port. `from` is the address from which the front connects. `ports` has
 * the port for each protocol.
 */
export const frontEnvironmentOf = (
  { host, settings }: ClusterPlan,
  {
    gateway,
    login = `${gateway}:7100`,
    from,
    ports,
  }: {
    readonly gateway: string;
    readonly login?: string;
    readonly from?: string;
    readonly ports: Readonly<Record<string, number>>;
  },
): Environment =>
  given({
    LOG_LEVEL: "info",
    FRONT_HOST: host,
    FRONT_LOGIN: `tcp://${login}`,
    FRONT_SERVERS_HOST: gateway,
    FRONT_FROM: from,
    ...Object.fromEntries(
      Object.entries(ports).map(([protocol, port]) => [`${protocol.toUpperCase()}_PORT`, port]),
    ),
    ...settings,
  });

const doorSettings = (by: string, tier: Tier, port: "PORT" | "PUBLIC_PORT", doors: Doors = {}) => {
  const prefix = tier.toUpperCase();
  return {
    [`${by}${prefix}_${port}`]: doors.tcp,
    // Servers send WebSocket clients to a URL, so there is no public port for them.
    ...(port === "PORT" ? { [`${by}${prefix}_WS_PORT`]: doors.websocket } : {}),
    [`${by}RAGNAROK_${prefix}_${port}`]: doors.ragnarok,
    ...(by === "" && port === "PORT" ? { A_SERIES_PORT: doors.aSeries } : {}),
  };
};

const given = (settings: Readonly<Record<string, string | number | undefined>>): Environment =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

export async function freeDoors<Protocol extends keyof Doors>(
  ...protocols: readonly Protocol[]
): Promise<Readonly<Record<Protocol, number>>> {
  const ports = await freePorts(protocols.length);
  return record(protocols, (_, nth) => ports[nth] ?? 0);
}

export async function freeDoorsOfTiers<Protocol extends keyof Doors>(...protocols: readonly Protocol[]) {
  const doors = await Promise.all(tiers.map(() => freeDoors(...protocols)));
  return record(tiers, (_, nth) => doors[nth] as Readonly<Record<Protocol, number>>);
}
