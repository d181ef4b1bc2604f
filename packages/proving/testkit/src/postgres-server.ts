import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { findOrInstall } from "./binaries.ts";
import type { TestCertificate } from "./certificates.ts";
import { childrenOf } from "./child-processes.ts";
import { type Identity, removeFolder, spawnServer, temporaryFolder } from "./store-process.ts";
import { until } from "./until.ts";

export interface TestDatabase {
  readonly url: string;
  /** Drops the database, and ends the connections that are still open. */
  drop(): Promise<void>;
}

export interface RunningPostgres {
  /** URL of the maintenance database, for the client `pg`. The URL stays the same after restarts. */
  readonly url: string;
  /** Process id of the postmaster. It changes at each `start`. */
  readonly pid: number;
  createDatabase(template?: string): Promise<TestDatabase>;
  /** Sends SIGKILL to the postmaster. Acknowledged transactions survive it. */
  kill(): Promise<void>;
  /** Starts Postgres again after `kill`. Resolves when it answers. */
  start(): Promise<void>;
  /** Stops all answers without closing a connection, like a paused machine. Linux only. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
  /** Starts another Postgres that replicates this one. The standby accepts no writes until it is promoted. */
  startStandby(): Promise<StandbyPostgres>;
}

export interface StandbyPostgres extends RunningPostgres {
  /** Resolves when the standby accepts writes. */
  promote(): Promise<void>;
}

/** The folder of a Postgres, with its data and its socket, and the user that runs it. */
interface Place {
  /** Folder of `postgres`, `initdb` and the other programs. */
  readonly programs: string;
  readonly folder: string;
  readonly identity: Identity | undefined;
}

export interface PostgresOptions {
  /** Listens on loopback TCP too, but only with TLS. */
  readonly secured?: { readonly port: number; readonly certificate: TestCertificate };
  /**
   * If true, Postgres forces each commit to the disk and vacuums, as it does by default. Otherwise it does
   * neither.
   */
  readonly durable?: boolean;
}

/** Starts a Postgres that is reachable only through a unix socket in a temporary folder. */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const program = findOrInstall({
    program: "initdb",
    debianPackage: "postgresql",
    folders: ["/usr/lib/postgresql/*/bin"],
    variable: "DATABASE_URL",
  });
  const initialise = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  // Resolves symbolic links, because the folder of a link may not contain the other programs. All programs
  // must have the same version.
  return startIn(newPlace(dirname(realpathSync(program))), "initdb", initialise, options);
}

function newPlace(programs: string): Place {
  const folder = temporaryFolder("pg");
  const identity = unprivileged();
  if (identity !== undefined) chownSync(folder, identity.uid, identity.gid);
  return { programs, folder, identity };
}

/** `program` creates the data folder. */
async function startIn(
  place: Place,
  program: string,
  args: readonly string[],
  { secured, durable = false }: PostgresOptions = {},
): Promise<RunningPostgres> {
  const { programs, folder } = place;
  const data = join(folder, "data");
  const port = secured === undefined ? "" : `&port=${secured.port}`;
  const url = `postgres://postgres@/postgres?host=${encodeURIComponent(folder)}${port}`;
  let server = spawnServer(join(programs, program), ["-D", data, ...args], place);

  const start = async (attemptsMax = 5): Promise<void> => {
    const secure = secured === undefined ? [] : overTcp(secured, data, place.identity);
    const all = ["-D", data, "-k", folder, ...settings, ...(durable ? likeByDefault : []), ...secure];
    server = spawnServer(join(programs, "postgres"), all, place);
    await until(async () => !server.running || (await query(url, "SELECT 1")), { what: "postgres answers" });
    if (server.running) return;
    // Postgres refuses to start while children of a killed postmaster hold its shared memory.
    if (attemptsMax <= 1) throw new Error(`postgres did not start:\n${server.output}`);
    await start(attemptsMax - 1);
  };

  const stop = async (): Promise<void> => {
    await server.end("SIGQUIT"); // ends at once and frees its shared memory
    removeFolder(folder);
  };

  try {
    await server.exited;
    if (server.exitCode !== 0) throw new Error(`${program} failed:\n${server.output}`);
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
    createDatabase: (template) => createDatabase(url, { template }),
    kill: () => server.end("SIGKILL"),
    start: () => start(),
    pause: () => signalFamily(server.pid, "SIGSTOP"),
    resume: () => signalFamily(server.pid, "SIGCONT"),
    stop,
    startStandby: async () => {
      const copy = ["-h", folder, "-U", "postgres", "-R", "--checkpoint=fast", "--no-sync"];
      const standby = await startIn(newPlace(programs), "pg_basebackup", copy);
      return { ...standby, promote: async () => void (await query(standby.url, "SELECT pg_promote()")) };
    },
  };
}

/**
 * Postgres refuses key files that another user owns, so this function writes files for the user of Postgres.
 * If a setting appears twice, Postgres uses the last one.
 */
function overTcp(
  { port, certificate }: NonNullable<PostgresOptions["secured"]>,
  data: string,
  identity: Identity | undefined,
): readonly string[] {
  const [cert, key] = (["cert", "key"] as const).map((part) => {
    const file = join(data, `${part}.pem`);
    writeFileSync(file, certificate[part], { mode: 0o600 });
    if (identity !== undefined) chownSync(file, identity.uid, identity.gid);
    return file;
  });
  writeFileSync(join(data, "pg_hba.conf"), "local all all trust\nhostssl all all 127.0.0.1/32 trust\n");
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "ssl=on"];
  return [...settings, `ssl_cert_file=${cert}`, `ssl_key_file=${key}`].flatMap((each) => ["-c", each]);
}

/**
 * Signals the postmaster and its child processes. Each connection has its own child process. The postmaster
 * gets the signal first, because a stopped postmaster starts no new children.
 */
function signalFamily(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal);
  for (const child of childrenOf(pid)) if (existsSync(`/proc/${child}`)) process.kill(child, signal);
}

/**
 * `fsync` is off, because it matters only if the machine itself fails. `synchronous_commit` is on, because it
 * protects data when a process is killed.
 */
const settings = [
  "listen_addresses=",
  "fsync=off",
  "full_page_writes=off",
  "synchronous_commit=on",
  "autovacuum=off",
  "max_connections=200",
  "shared_buffers=32MB",
].flatMap((setting) => ["-c", setting]);

/** These settings override those above. */
const likeByDefault = ["fsync=on", "full_page_writes=on", "autovacuum=on"].flatMap((each) => ["-c", each]);

export async function createDatabase(
  url: string,
  {
    template = "template0",
    name = `sallyport_test_${randomBytes(6).toString("hex")}`,
  }: {
    readonly template?: string | undefined;
    readonly name?: string;
  } = {},
): Promise<TestDatabase> {
  await query(url, `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  return {
    url: urlOfDatabase(url, name),
    drop: async () => void (await query(url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)),
  };
}

/** The URL of another database on the same server. */
export function urlOfDatabase(url: string, name: string): string {
  return url.replace(/^(\w+:\/\/[^/?]*)(?:\/[^?]*)?/, (_, server: string) => `${server}/${name}`);
}

/** Opens a connection for one statement. */
export async function query(url: string, text: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {}); // the rejected query reports it
  try {
    await client.connect();
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

/**
 * The user for Postgres and PgBouncer, which refuse to run as root. Undefined if this process is not root.
 */
export function unprivileged(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout.trim() || Number.NaN);
  const identity = { uid: idOf("-u"), gid: idOf("-g") };
  if (Number.isNaN(identity.uid)) {
    throw new Error("Postgres does not run as root, and there is no user named postgres: set DATABASE_URL");
  }
  return identity;
}
