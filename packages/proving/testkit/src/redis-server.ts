import { join } from "node:path";
import { type RedisOptions as ConnectOptions, Redis } from "ioredis";
import { findOrInstall } from "./binaries.ts";
import { removeFolder, type StoreProcess, spawnServer, temporaryFolder } from "./store-process.ts";
import { until } from "./until.ts";

export interface RunningRedis {
  /** A URL for `new Redis(url)`. The URL stays the same after restarts. */
  readonly url: string;
  /** Process id of the server. It changes at each `start`. */
  readonly pid: number;
  flushAll(): Promise<void>;
  /** Copies the present data, like a replica that gets no later changes. */
  laggingReplica(): Promise<LaggingReplica>;
  /** Sends SIGKILL. Data that is not in the append-only file is lost. */
  kill(): Promise<void>;
  /** Starts Redis again after `kill`. Resolves when it answers. */
  start(): Promise<void>;
  /** Stops all answers without closing a connection, like a paused machine. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface LaggingReplica {
  /**
   * Acts like a failover to the replica: the data of the replica replaces the present data at once, and every
   * connection ends.
   */
  promote(): Promise<void>;
}

export interface RedisOptions {
  /** If true, the data survives `kill` and `start`. Otherwise a restarted Redis is empty. */
  readonly persistent?: boolean;
  /**
   * How often a persistent Redis writes changes to the disk. By default it writes each change before it
   * answers.
   */
  readonly fsync?: "always" | "everysec";
}

/** Starts a Redis on a unix socket in a temporary folder. */
export async function startRedis({
  persistent = false,
  fsync = "always",
}: RedisOptions = {}): Promise<RunningRedis> {
  const program = findOrInstall({
    program: "redis-server",
    debianPackage: "redis-server",
    variable: "REDIS_URL",
  });
  const folder = temporaryFolder("redis");
  const socket = join(folder, "redis.sock");
  const url = `unix://${socket}`;
  const durability = persistent ? ["--appendonly", "yes", "--appendfsync", fsync] : ["--appendonly", "no"];
  let server: StoreProcess;

  const start = async (): Promise<void> => {
    server = spawnServer(
      program,
      ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", ...durability],
      { folder },
    );
    await until(async () => !server.running || (await once(url, (redis) => redis.ping())), {
      what: "redis-server answers",
    });
    if (!server.running) throw new Error(`redis-server did not start:\n${server.output}`);
  };
  const stop = async (): Promise<void> => {
    await server.end("SIGKILL");
    removeFolder(folder);
  };

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    get pid() {
      return server.pid;
    },
    flushAll: async () => void (await once(url, (redis) => redis.flushall())),
    laggingReplica: () => laggingReplicaOf(url),
    kill: () => server.end("SIGKILL"),
    start,
    pause: () => server.signal("SIGSTOP"),
    resume: () => server.signal("SIGCONT"),
    stop,
  };
}

function laggingReplicaOf(url: string): Promise<LaggingReplica> {
  return once(url, async (redis) => {
    const keys = await redis.keys("*");
    const dumps = await Promise.all(
      keys.map(async (key) => ({ key, leftMs: await redis.pttl(key), dump: await redis.dumpBuffer(key) })),
    );
    const promote = (): Promise<void> =>
      once(url, async (again) => {
        const transaction = again.multi().flushall();
        for (const { key, leftMs, dump } of dumps) {
          if (dump !== null) transaction.restore(key, Math.max(0, leftMs), dump);
        }
        await transaction.exec();
        await again.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      });
    return { promote };
  });
}

/** Opens a connection for one question, without retries. */
export async function once<T>(
  at: string | Pick<ConnectOptions, "host" | "port" | "password" | "tls">,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const options = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 };
  const redis = typeof at === "string" ? new Redis(at, options) : new Redis({ ...at, ...options });
  redis.on("error", () => {}); // the rejected connect reports it
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}
