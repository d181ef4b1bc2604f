import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findOrInstall } from "./binaries.ts";
import { query, unprivileged, urlOfDatabase } from "./postgres-server.ts";
import { removeFolder, spawnServer, temporaryFolder } from "./store-process.ts";
import { until } from "./until.ts";

export interface RunningPgBouncer {
  /** URL of the given database through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface PgBouncerOptions {
  /** URL of a database on a Postgres that listens on a unix socket. */
  readonly url: string;
  readonly poolMode: "session" | "transaction" | "statement";
  /** Additional lines for the configuration of PgBouncer. */
  readonly settings?: readonly string[];
}

const port = 6432;

export async function startPgBouncer({
  url,
  poolMode,
  settings = [],
}: PgBouncerOptions): Promise<RunningPgBouncer> {
  const program = findOrInstall({
    program: "pgbouncer",
    debianPackage: "pgbouncer",
    folders: ["/usr/sbin"],
    variable: "PATH to have it",
  });
  const target = new URL(url.replace("@/", "@unnamed/"));
  const folder = temporaryFolder("pgbouncer");
  const identity = unprivileged();
  const configuration = join(folder, "pgbouncer.ini");
  const lines = [
    "[databases]",
    `* = host=${target.searchParams.get("host")} user=${target.username}`,
    "[pgbouncer]",
    "listen_addr =",
    `listen_port = ${port}`,
    `unix_socket_dir = ${folder}`,
    "auth_type = any",
    `pool_mode = ${poolMode}`,
    ...settings,
  ];
  writeFileSync(configuration, `${lines.join("\n")}\n`);
  if (identity !== undefined) chownSync(folder, identity.uid, identity.gid);
  const server = spawnServer(program, [configuration], { folder, identity });
  const own = `postgres://${target.username}@/postgres?host=${encodeURIComponent(folder)}&port=${port}`;
  const pooled = urlOfDatabase(own, target.pathname.slice(1));
  const stop = async (): Promise<void> => {
    await server.end("SIGKILL");
    removeFolder(folder);
  };
  try {
    await until(async () => !server.running || (await query(pooled, "SELECT 1")), {
      what: "pgbouncer answers",
    });
    if (!server.running) throw new Error(`pgbouncer did not start:\n${server.output}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: pooled, stop };
}
