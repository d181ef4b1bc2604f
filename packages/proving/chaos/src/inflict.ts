import type { FaultProxy } from "@sallyport/rig";
import type { ChaosCluster } from "./cluster/chaos-cluster.ts";
import type { ServerName } from "./cluster/names.ts";
import type { Part, PartOf } from "./cluster/part.ts";
import type { Fault } from "./plan.ts";

/** Ends the fault. Resolves when the part works again. */
type End = () => Promise<void>;
type Inflict<K extends Part["kind"]> = (cluster: ChaosCluster, of: PartOf<K>, fault: Fault) => Promise<End>;

const inflictOn: { readonly [K in Part["kind"]]: Inflict<K> } = {
  redis: (cluster, _, { kind }) => inflictOnRedis(cluster, kind),
  postgres: (cluster, _, { kind }) => inflictOnPostgres(cluster, kind),
  server: (cluster, { name }, { kind }) => inflictOnServer(cluster, name, kind),
  link: ({ links }, { name }, fault) => inflictOnProxies(links[name], fault),
  door: ({ doors }, { name }, fault) => inflictOnProxies(doors[name], fault),
};

/** Begins the fault. Resolves to a function that ends it. */
export const inflict = (cluster: ChaosCluster, fault: Fault): Promise<End> =>
  (inflictOn[fault.of.kind] as Inflict<Part["kind"]>)(cluster, fault.of, fault);

async function inflictOnProxies(proxies: readonly FaultProxy[], fault: Fault) {
  const ends = await Promise.all(proxies.map((proxy) => inflictOnProxy(proxy, fault)));
  return async () => void (await Promise.all(ends.map((end) => end())));
}

async function inflictOnServer(cluster: ChaosCluster, name: ServerName, kind: Fault["kind"]) {
  const { process: server } = cluster.servers[name];
  if (kind === "pause") {
    server.signal("SIGSTOP");
    return async () => server.signal("SIGCONT");
  }
  await server.kill();
  return async () => server.spawn();
}

async function inflictOnRedis({ redis }: ChaosCluster, kind: Fault["kind"]) {
  if (kind === "pause") {
    redis.pause();
    return async () => redis.resume();
  }
  if (kind === "lag") {
    const replica = await redis.laggingReplica();
    return () => replica.promote();
  }
  if (kind === "empty") await redis.flushAll();
  await redis.kill();
  return () => redis.start();
}

async function inflictOnPostgres({ postgres }: ChaosCluster, kind: Fault["kind"]) {
  if (kind === "pause") {
    postgres.pause();
    return async () => postgres.resume();
  }
  await postgres.kill();
  return () => postgres.start();
}

async function inflictOnProxy(proxy: FaultProxy, fault: Fault) {
  switch (fault.kind) {
    case "hold":
      proxy.hold(fault.ways, fault.whom);
      return async () => {
        if (fault.endsBy === "reset") proxy.cut();
        proxy.letGo();
      };
    case "delay":
      proxy.slowDown(fault.delayMs);
      return async () => proxy.slowDown(0);
    case "cut":
    case "kill":
    case "pause":
    case "empty":
    case "lag":
      proxy.refuse(true);
      proxy.cut();
      return async () => proxy.refuse(false);
  }
}
