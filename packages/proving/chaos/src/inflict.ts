import type { FaultProxy } from "@sallyport/rig";
import type { ChaosCluster } from "./cluster/chaos-cluster.ts";
import type { LinkName, ServerName } from "./cluster/names.ts";
import type { Fault } from "./plan.ts";

/**
 * Begins the fault. Resolves to a function that ends the fault. The promise of that function resolves when
 * the affected part of the cluster works again.
 */
export async function inflict(cluster: ChaosCluster, fault: Fault): Promise<() => Promise<void>> {
  const { links, doors } = cluster;
  const [, what = fault.of, name = ""] = /^(server|link|door) (?:from |of )?(.+)$/.exec(fault.of) ?? [];
  switch (what) {
    case "redis":
      return inflictOnRedis(cluster, fault.kind);
    case "postgres":
      return inflictOnPostgres(cluster, fault.kind);
    case "server":
      return inflictOnServer(cluster, name as ServerName, fault.kind);
    case "link":
      return inflictOnProxies(links[name as LinkName], fault);
    default:
      return inflictOnProxies(doors[name as ServerName], fault);
  }
}

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
