import { record } from "@sallyport/bots";
import {
  type Entrance,
  FaultProxy,
  type FaultProxyOptions,
  frontProtocols,
  playerProtocols,
  tiers,
} from "@sallyport/rig";
import type { AuthorPlaces } from "../authors/author.ts";
import type { Fact } from "../history/fact.ts";
import { LinkTap } from "../history/link-tap.ts";
import {
  type FrontName,
  frontNames,
  gatewayLinks,
  type InnerName,
  innerNames,
  type LinkName,
  type ServerName,
  storeLinks,
} from "./names.ts";

export const host = "127.0.0.1";
/**
 * On Linux, every address in 127.0.0.0/8 belongs to this machine. The gateway and the fronts get addresses of
 * their own, as if each ran on another machine. Servers accept PROXY headers only from these addresses.
 */
export const addresses = { gateway: "127.0.0.2", "front-1": "127.0.0.3", "front-2": "127.0.0.4" } as const;

type Store = { readonly path: string };

/** The ports on which servers listen. A proxy stands before each. */
interface Listening {
  readonly tcp: Readonly<Record<InnerName, number>>;
  readonly ragnarok: Readonly<Record<InnerName, number>>;
  readonly aSeries: Readonly<Record<"login-1" | "login-2", number>>;
  readonly gateway: Readonly<Record<"login" | "char" | "map", number>>;
  readonly fronts: Readonly<Record<FrontName, Readonly<Record<string, number>>>>;
  readonly links: Readonly<Record<"login-1" | "login-2" | "char", number>>;
  /** The ports where the first login-server shows the keys of its tokens, and gives tokens. */
  readonly keys: number;
  readonly token: number;
  readonly resource: Readonly<Record<"tcp" | "http", number>>;
}

export interface Wiring {
  readonly listening: Listening;
  /** The ports to which servers send their clients. */
  readonly told: Readonly<Record<InnerName, { readonly tcp: number; readonly ragnarok: number }>>;
  readonly links: { readonly [name in LinkName]: readonly FaultProxy[] };
  readonly doors: { readonly [name in ServerName]: readonly FaultProxy[] };
  /** The address of the login door to which this front goes. */
  readonly loginOf: Readonly<Record<FrontName, string>>;
  readonly entrances: readonly [Entrance, ...Entrance[]];
  /** Where authors come in. */
  readonly authorPlaces: AuthorPlaces;
  /** All proxies, which are not started yet. */
  readonly proxies: readonly FaultProxy[];
}

export interface WiringOptions {
  readonly nextPort: () => number;
  readonly stores: { readonly redis: Store; readonly postgres: Store };
  readonly saw: (fact: Fact) => void;
}

const loginNames = ["login-1", "login-2"] as const;
/** The servers to which a front connects. The first one is its login door. */
const behindFronts = ["login-1", "char", "map-1", "map-2"] as const;

const targetOf = (link: LinkName): string => link.split(" to ")[1] ?? "";
export const tierOf = (name: InnerName) => name.split("-")[0] as (typeof tiers)[number];

/** Finds a port for everything that listens, and puts a proxy before each port that anything connects to. */
export function wire({ nextPort, stores, saw }: WiringOptions): Wiring {
  const listening: Listening = {
    tcp: record(innerNames, nextPort),
    ragnarok: record(innerNames, nextPort),
    aSeries: record(loginNames, nextPort),
    gateway: record(tiers, nextPort),
    fronts: record(frontNames, () => record(namesOf(frontProtocols), nextPort)),
    links: record(["login-1", "login-2", "char"], nextPort),
    keys: nextPort(),
    token: nextPort(),
    resource: record(["tcp", "http"], nextPort),
  };
  const proxies: FaultProxy[] = [];
  const newProxy = (options: Omit<FaultProxyOptions, "port">, port = nextPort()): FaultProxy => {
    const proxy = new FaultProxy({ ...options, port });
    proxies.push(proxy);
    return proxy;
  };
  // A server sees the address of each client, although the proxy is between them.
  const doorTo = (port: number): FaultProxy => newProxy({ to: { port }, keepsAddresses: true });

  const tcp = record(innerNames, (name) => doorTo(listening.tcp[name]));
  const ragnarok = record(innerNames, (name) => doorTo(listening.ragnarok[name]));
  const aSeries = record(loginNames, (name) => doorTo(listening.aSeries[name]));
  const token = doorTo(listening.token);
  const resource = record(["tcp", "http"], (way) => doorTo(listening.resource[way]));
  const led = record(tiers, (tier) => doorTo(listening.gateway[tier]));
  const fronts = record(frontNames, (name) =>
    record(namesOf(frontProtocols), (protocol) => doorTo(listening.fronts[name][protocol] ?? 0)),
  );
  // A front connects to the port that servers tell their clients, on a host of its own.
  const ahead = (front: FrontName, portOf: (name: InnerName) => number): readonly FaultProxy[] =>
    behindFronts.map((name) =>
      newProxy(
        { to: { port: portOf(name) }, address: addresses[front], keepsAddresses: true },
        tcp[name].port,
      ),
    );
  const one = (options: Omit<FaultProxyOptions, "port">, port?: number) => [newProxy(options, port)];
  const links: Wiring["links"] = {
    "char to login-1": one({ to: { port: listening.links["login-1"] } }),
    "resource to login-1": one({ to: { port: listening.keys } }),
    "char to login-2": one({ to: { port: listening.links["login-2"] } }),
    "map-1 to char": one({ to: { port: listening.links.char }, tap: new LinkTap("map-1", saw) }),
    "map-2 to char": one({ to: { port: listening.links.char }, tap: new LinkTap("map-2", saw) }),
    // The gateway learns only the host of a server, and connects to the server's own port number on that host.
    // So this proxy listens on the same port number, but at another address.
    ...record(gatewayLinks, (name) => {
      const port = listening.tcp[targetOf(name) as InnerName];
      return one({ to: { port }, address: addresses.gateway }, port);
    }),
    "front-1 to servers": ahead("front-1", (name) => listening.tcp[name]),
    "front-2 to gateway": ahead("front-2", (name) => listening.gateway[tierOf(name)]),
    ...record(storeLinks, (name) => one({ to: stores[targetOf(name) as keyof typeof stores] })),
  };

  const world = { host, port: tcp.char.port };
  const entrancesOf = (kind: string, all: readonly Omit<Entrance, "protocol" | "world">[]): Entrance[] =>
    playerProtocols
      .filter(({ door }) => door === kind)
      .flatMap((protocol) => all.map((each) => ({ ...each, protocol, world })));
  const at = (name: string, port: number) => ({ name, login: { host, port }, instead: {} });
  const gateway = {
    ...at("gateway", led.login.port),
    instead: {
      [tcp.char.port]: led.char.port,
      [tcp["map-1"].port]: led.map.port,
      [tcp["map-2"].port]: led.map.port,
    },
  };
  const straight = (name: (typeof loginNames)[number]) => at(name, tcp[name].port);
  const entrances = [
    ...entrancesOf("native", [gateway, straight("login-1"), gateway, straight("login-2")]),
    ...entrancesOf(
      "a-series",
      loginNames.map((name) => at(name, aSeries[name].port)),
    ),
    ...entrancesOf(
      "ragnarok",
      loginNames.map((name) => at(name, ragnarok[name].port)),
    ),
    ...frontProtocols.flatMap((protocol) =>
      frontNames.map((name) => ({ ...at(name, fronts[name][protocol.name]?.port ?? 0), protocol, world })),
    ),
  ] as [Entrance, ...Entrance[]];

  return {
    listening,
    told: record(innerNames, (name) => ({ tcp: tcp[name].port, ragnarok: ragnarok[name].port })),
    links,
    doors: {
      ...record(innerNames, (name) => [
        ...[tcp[name], ragnarok[name]],
        ...(name === "login-1" || name === "login-2" ? [aSeries[name]] : []),
        ...(name === "login-1" ? [token] : []),
      ]),
      resource: Object.values(resource),
      gateway: Object.values(led),
      ...record(frontNames, (name) => Object.values(fronts[name])),
    },
    loginOf: record(frontNames, (name) => `${addresses[name]}:${tcp["login-1"].port}`),
    entrances,
    authorPlaces: record(["token", "tcp", "http"], (way) => ({
      host,
      port: way === "token" ? token.port : resource[way].port,
    })),
    proxies,
  };
}

const namesOf = (protocols: typeof frontProtocols): readonly string[] => protocols.map(({ name }) => name);
