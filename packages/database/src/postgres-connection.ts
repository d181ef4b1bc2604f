import pg from "pg";
import { type PostgresHost, postgresHosts } from "./postgres-address.ts";
import { readOnlyState } from "./postgres-errors.ts";

export interface ConnectionOptions {
  /** After this long Postgres gives a statement up; 0: never. */
  readonly statementMsMax: number;
  /** Of one host, for each of the steps until statements may be asked. */
  readonly connectMsMax?: number;
  readonly client?: pg.ClientConfig;
}

/**
 * Opens connections on which statements can be prepared and rows written: to the first host that gives one, beginning
 * with the one that did so last. Rejects with what each host said.
 */
export function createConnector(url: string, options: ConnectionOptions): () => Promise<pg.Client> {
  const hosts = postgresHosts(url);
  let last = 0;
  // Each once: it takes a second connection, of which a pool has none to spare when all servers connect anew.
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
    // Not as parameters at the start, which PgBouncer refuses. Times are read as ISO, whatever the database is set to.
    const settings = `SET statement_timeout TO ${statementMsMax}; SET DateStyle TO ISO`;
    await within(connectMsMax, client.query(settings));
    return client;
  } catch (error) {
    void client.end();
    throw error;
  }
}

/** As Postgres itself would answer a write, only sooner. */
function readOnly(): pg.DatabaseError {
  const error = new pg.DatabaseError("it is read-only, as a standby is", 0, "error");
  error.code = readOnlyState;
  return error;
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  client.on("error", () => {}); // the rejected query tells it
  await client.connect();
  return client;
}

/** Null where none was. The types of `pg` do not know it. */
const announcedPid = (client: pg.Client): number | null =>
  (client as pg.Client & { readonly processID: number | null }).processID;

interface Identity {
  readonly pid: number;
  readonly reads_only: "on" | "off";
}

async function identity(client: pg.Client): Promise<Identity> {
  const text = "SELECT pg_backend_pid() AS pid, current_setting('transaction_read_only') AS reads_only";
  const { rows } = await client.query<Identity>(text);
  if (rows[0] === undefined) throw new Error("it does not say which process serves the connection");
  return rows[0];
}

/**
 * The process that answers is not the one that was announced: a pooler stands in between. Where it lends processes for
 * one transaction each, a second client is lent the one of the first, or one of them is lent another later. Each is asked
 * twice in a row, as processes may be lent in rotation.
 */
async function refuseLentBackends(
  first: { readonly client: pg.Client; readonly pid: number },
  msMax: number,
  connectAnother: () => Promise<pg.Client>,
): Promise<void> {
  const other = await connectAnother();
  try {
    const { pid } = await within(msMax, identity(other)).catch((error: unknown) => {
      const why = `the pooler before Postgres lends no second connection, so that its pool is too small: ${reasonOf(error)}`;
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
      "the pooler before Postgres lends connections for one transaction each, and servers prepare statements and hold " +
        "advisory locks for longer: set its pool_mode to session, or connect to Postgres itself",
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
