import { helloFrame, mapDoorMessages } from "@sallyport/dialects/native";
import { AccountId, CharId, LoginId } from "@sallyport/domain";
import type { SallyportProcess } from "@sallyport/testkit";
import { encodeFrame, MessageCodec } from "@sallyport/wire";
import { SmallCluster } from "./small-cluster.ts";
import type { Settings } from "./started-servers.ts";

export const host = "127.0.0.1";
const tiers = ["LOGIN", "CHAR", "MAP"] as const;

export interface Door {
  readonly clients: { readonly port: number };
  readonly webSocket: { readonly port: number };
  readonly ragnarok: { readonly port: number };
}
export type Ports = { readonly [D in "login" | "char" | "map"]: Door };

export interface ClusterSettings {
  readonly all?: Settings;
  readonly maps?: Settings;
  readonly gateway?: Settings;
}

/** A client that enters a map sends these bytes first. The account in them does not exist. */
export const mapEnter = Buffer.concat([
  helloFrame(),
  encodeFrame(
    "request",
    1,
    new MessageCodec(mapDoorMessages).encode(
      {
        ...{ type: "map.enter", accountId: AccountId(4_000_000), charId: CharId(1) },
        ...{ loginId1: LoginId(1), sex: "female" },
      },
      5_000,
    ),
  ),
]);

/**
 * Runs servers with their own Redis and Postgres. Clients connect through a gateway, which sends a PROXY
 * header to the servers.
 */
export class GatewayCluster {
  readonly servers: SmallCluster;

  private constructor(servers: SmallCluster) {
    this.servers = servers;
  }

  static async open(): Promise<GatewayCluster> {
    const servers = await SmallCluster.open({
      ...Object.fromEntries(tiers.map((of) => [`RAGNAROK_${of}_PORT`, "0"])),
      RAGNAROK_REGISTRATION: "yes",
      WORLD_SPAWN: "harbour:41,4",
      TIMER_LEASE_MS: "500",
      TIMER_RECONNECT_MS: "1500",
      TIMER_RECLAIM_MS: "1500",
      MAP_STEP_MS: "20",
    });
    return new GatewayCluster(servers);
  }

  /** Starts a login-server, a char-server and a gateway, but no map-server. */
  async start({ all: ofAll = {}, maps = {}, gateway: ofGateway = {} }: ClusterSettings = {}) {
    const { gateway, ports } = await this.startGateway({ ...ofAll, ...ofGateway });
    const isSecure = "TLS_CERT" in { ...ofAll, ...ofGateway };
    const { all, login } = await this.servers.world({
      PROXY_FROM: host,
      ...sentTo("CHAR", ports.char, isSecure),
      ...sentTo("MAP", ports.map, isSecure),
      ...ofAll,
    });
    const map = async (MAP_SERVER_NAME: string, more: Settings = {}): Promise<SallyportProcess> => {
      const server = this.servers.run("map", { ...all, MAP_SERVER_NAME, ...maps, ...more });
      await server.untilSays(/map-server ready/);
      return server;
    };
    return { gateway, ports, map, login };
  }

  async startGateway(settings: Settings) {
    const every = (kind: string): Settings =>
      Object.fromEntries(tiers.map((of) => [kind.replace("*", of), "0"]));
    const gateway = this.servers.run("gateway", {
      ...every("GATEWAY_*_PORT"),
      ...every("GATEWAY_*_WS_PORT"),
      ...every("GATEWAY_RAGNAROK_*_PORT"),
      LOG_LEVEL: "debug",
      ...settings,
    });
    const [line] = await gateway.untilSays(/\{.*"gateway ready"\}/);
    return { gateway, ports: (JSON.parse(line) as { readonly doors: Ports }).doors };
  }

  close(): Promise<void> {
    return this.servers.close();
  }
}

/** These settings send clients of every dialect to the address of the gateway. */
const sentTo = (tier: "CHAR" | "MAP", door: Door, isSecure: boolean): Settings => ({
  [`${tier}_PUBLIC_PORT`]: String(door.clients.port),
  [`${tier}_PUBLIC_WS_URL`]: `${isSecure ? "wss" : "ws"}://${host}:${door.webSocket.port}`,
  [`RAGNAROK_${tier}_PUBLIC_PORT`]: String(door.ragnarok.port),
});
