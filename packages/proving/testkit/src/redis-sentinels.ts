import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findOrInstall } from "./binaries.ts";
import type { TestCertificate } from "./certificates.ts";
import { freePorts } from "./free-ports.ts";
import { once } from "./redis-server.ts";
import { removeFolder, type StoreProcess, spawnServer, temporaryFolder } from "./store-process.ts";
import { until } from "./until.ts";

/** A Sentinel that stood still for two seconds does nothing for the next 30 s ("tilt mode"). */
const failOverMs = 60_000;

export interface RunningSentinels {
  /** The address in the form that `REDIS_URL` accepts. */
  readonly url: string;
  /** Sends SIGKILL to the master. Resolves when the Sentinels have chosen another master. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

export interface SentinelOptions {
  /** Uses TLS for all servers, with this one certificate. */
  readonly tls?: { readonly certificate: TestCertificate; readonly ca: TestCertificate };
}

const name = "main";
const password = "of-the-data";
const sentinelPassword = "of-the-sentinels";
const host = "127.0.0.1";

/**
 * Starts a master, a replica, and two Sentinels that watch the master and the replica, on loopback. Each
 * server has a password.
 */
export async function startRedisSentinels({ tls }: SentinelOptions = {}): Promise<RunningSentinels> {
  const program = findOrInstall({
    program: "redis-server",
    debianPackage: "redis-server",
    variable: "REDIS_URL",
  });
  const [masterPort = 0, replicaPort = 0, ...sentinelPorts] = await freePorts(4);
  const portOf = (port: number): string =>
    tls === undefined
      ? `port ${port}`
      : [
          `port 0\ntls-port ${port}`,
          `tls-cert-file ${tls.certificate.certFile}`,
          `tls-key-file ${tls.certificate.keyFile}`,
          `tls-ca-cert-file ${tls.ca.certFile}`,
          "tls-auth-clients no\ntls-replication yes",
        ].join("\n");

  function run(settings: readonly string[], args: readonly string[] = []): StoreProcess {
    const folder = temporaryFolder("redis");
    const file = join(folder, "redis.conf");
    writeFileSync(file, [`bind ${host}`, `dir ${folder}`, ...settings].join("\n"));
    const server = spawnServer(program, [file, ...args], { folder });
    void server.exited.then(() => removeFolder(folder));
    return server;
  }

  const data = ['save ""', "appendonly no", `requirepass ${password}`, `masterauth ${password}`];
  const master = run([portOf(masterPort), ...data]);
  const others = [run([portOf(replicaPort), ...data, `replicaof ${host} ${masterPort}`])];
  for (const port of sentinelPorts) {
    const watching = [
      `requirepass ${sentinelPassword}`,
      `sentinel sentinel-pass ${sentinelPassword}`,
      `sentinel monitor ${name} ${host} ${masterPort} 1`,
      `sentinel auth-pass ${name} ${password}`,
      `sentinel down-after-milliseconds ${name} 700`,
      `sentinel failover-timeout ${name} 3000`,
    ];
    others.push(run([portOf(port), ...watching], ["--sentinel"]));
  }

  const secured = tls === undefined ? {} : { tls: { ca: tls.ca.cert } };
  /** Asks a Sentinel about the servers that it watches: the master, its replicas, the other Sentinels. */
  const ask = (...of: string[]): Promise<unknown> =>
    once({ host, port: sentinelPorts[0] ?? 0, password: sentinelPassword, ...secured }, (redis) =>
      redis.call("SENTINEL", of),
    );
  const hasAll = async (): Promise<boolean> => {
    const [known, replicas] = await Promise.all([ask("SENTINELS", name), ask("REPLICAS", name)]);
    const isUp = JSON.stringify(replicas).includes('"master-link-status","ok"');
    return (known as unknown[]).length === sentinelPorts.length - 1 && isUp;
  };
  const stop = async (): Promise<void> => {
    await Promise.all([master, ...others].map((server) => server.end("SIGKILL")));
  };
  try {
    await until(hasAll, { what: "the Sentinels know each other and the replica" });
  } catch (error) {
    await stop();
    throw error;
  }
  const scheme = tls === undefined ? "redis" : "rediss";
  const sentinels = sentinelPorts.map((port) => `${host}:${port}`).join();
  return {
    url: `${scheme}+sentinel://:${password}@${sentinels}/${name}?sentinel_password=${sentinelPassword}`,
    failOver: async () => {
      await master.end("SIGKILL");
      const isOver = async () =>
        String(((await ask("GET-MASTER-ADDR-BY-NAME", name)) as string[])[1]) === String(replicaPort);
      await until(isOver, { what: "the Sentinels have another master", timeoutMs: failOverMs });
    },
    stop,
  };
}
