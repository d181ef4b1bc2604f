import { freePorts } from "@sallyport/testkit";
import { ServerProcess } from "../server-process.ts";

export interface Gateway {
  readonly process: ServerProcess;
  /** Port for clients of map-servers. */
  readonly port: number;
}

interface GatewayOptions {
  readonly folder: string;
  readonly redisUrl: string;
  readonly world: string;
  readonly port: number;
}

/** Resolves when the gateway is ready, which needs a map-server in the world. */
export async function startGateway({ folder, redisUrl, world, port }: GatewayOptions): Promise<Gateway> {
  const [adminPort = 0] = await freePorts(1);
  const process = new ServerProcess({
    name: `gateway-${world}`,
    command: ["gateway"],
    environment: {
      REDIS_URL: redisUrl,
      WORLD_NAME: world,
      GATEWAY_MAP_PORT: String(port),
      // The benchmark connects with and without the gateway. If the gateway sent PROXY headers, servers would
      // require them on both ways.
      GATEWAY_SEND_PROXY: "no",
    },
    adminPort,
    folder,
  });
  await process.start();
  return { process, port };
}
