import pg from "pg";
import { type PostgresHost, postgresHosts } from "./postgres-address.ts";
import { readOnlyState } from "./postgres-errors.ts";

export interface ConnectionOptions {
  /** Postgres cancels a statement that runs longer than this many milliseconds. 0 means no limit. */
  readonly statementMsMax: number;
  /** Connecting to one host, and each check after that, can take at most this time. */
  readonly connectMsMax?: number;
  readonly client?: pg.ClientConfig;
}

/**
 * Returns a function that opens connections which can prepare statements and write rows. The function tries
 * the hosts in turn, beginning with the host that worked last. If all fail, it rejects with the errors of all
 * hosts.
 */
export function createConnector(url: string, options: ConnectionOptions): () => Promise<pg.Client> {
  const hosts = postgresHosts(url);
  let last = 0;
  // Each host is checked for an unsuitable pooler only once. The check needs a second connection, and a
  // pooler may have none to spare when all servers reconnect.
  const judged = new Set<PostgresHost>();
  return async () => {
    const errors: unknown[] = [];
    const said: string[] = [];
    for (const host of [...hosts.slice(last), ...hosts.slice(0, last)]) {
      try {
        const client = await openAt(host, options, judged.has(host));
        last = hosts.indexOf(host);
        judged.add(host);
        return client;
      } catch (error) {
        errors.push(error);
        said.push(`${host.name}: ${reasonOf(error)}`);
      }
    }
    if (hosts.length === 1) throw errors[0];
    throw new AggregateError(errors, said.join("; "));
  };
}

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);

async function openAt(
  { url }: PostgresHost,
  { statementMsMax, connectMsMax = 5_000, client: config }: ConnectionOptions,
  isJudged: boolean,
): Promise<pg.Client> {
  const bound = { connectionString: url, connectionTimeoutMillis: connectMsMax, keepAlive: true };
  const client = await connect({ ...config, ...bound });
  try {
    const { pid, reads_only } = await within(connectMsMax, identity(client));
    if (reads_only === "on") throw readOnly();
    if (pid !== announcedPid(client) && !isJudged) {
      await refuseLentBackends({ client, pid }, connectMsMax, () => connect(bound));
    }
    // These settings are not sent as startup parameters, because PgBouncer refuses such parameters. DateStyle
    // makes Postgres send times in ISO format, whatever the database's default is. A generic plan is made once:
    // for parameters that are arrays, Postgres would otherwise make a new plan each time.
    const settings = [
      ...[`statement_timeout TO ${statementMsMax}`, "DateStyle TO ISO"],
      "plan_cache_mode TO force_generic_plan",
    ];
    await within(connectMsMax, client.query(settings.map((each) => `SET ${each}`).join("; ")));
    return client;
  } catch (error) {
    void client.end();
    throw error;
  }
}

/** Postgres itself would give this error at the first write. */
function readOnly(): pg.DatabaseError {
  const error = new pg.DatabaseError("it is read-only, as a standby is", 0, "error");
  error.code = readOnlyState;
  return error;
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  client.on("error", () => {}); // The query that fails reports the error.
  await client.connect();
  return client;
}

/**
 * The process id that Postgres sent when the connection began, or null. The types of `pg` lack this field.
 */
const announcedPid = (client: pg.Client): number | null =>
  (client as pg.Client & { readonly processID: number | null }).processID;

interface Identity {
  readonly pid: number;
  readonly reads_only: "on" | "off";
}

async function identity(client: pg.Client): Promise<Identity> {
  const text = "SELECT pg_backend_pid() AS pid, current_setting('transaction_read_only') AS reads_only";
  const { rows } = await client.query<Identity>(text);
  if (rows[0] === undefined)
    throw new Error("Postgres does not say which of its processes serves the connection");
  return rows[0];
}

/**
 * Throws if a pooler lends its connections to Postgres for one transaction each. Such a pooler gives two
 * clients the same Postgres process, or gives one client another process for a later statement. Each client
 * is asked twice in a row, because the pooler may lend processes in rotation. The check runs only if the
 * process that answers is not the announced one, because then there is a pooler.
 */
async function refuseLentBackends(
  first: { readonly client: pg.Client; readonly pid: number },
  msMax: number,
  connectAnother: () => Promise<pg.Client>,
): Promise<void> {
  const other = await connectAnother();
  try {
    const { pid } = await within(msMax, identity(other)).catch((error: unknown) => {
      const why = `the pooler in front of Postgres gives no second connection; its pool is too small: ${reasonOf(error)}`;
      throw new Error(why, { cause: error });
    });
    const second = { client: other, pid };
    let areLent = first.pid === pid;
    for (const each of [first, first, second, second, first]) {
      const asked = await within(msMax, identity(each.client));
      areLent ||= asked.pid !== each.pid;
    }
    if (!areLent) return;
    throw new Error(
      "the pooler in front of Postgres assigns connections for one transaction each, but servers prepare statements and hold " +
        "advisory locks for longer: set its pool_mode to session, or connect to Postgres directly",
    );
  } finally {
    void other.end();
  }
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
