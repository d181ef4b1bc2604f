import { Unavailable } from "@sallyport/domain";
import type pg from "pg";
import { withoutPassword } from "./postgres-address.ts";
import { createConnector, reasonOf } from "./postgres-connection.ts";
import { endsConnection, isReadOnly, unavailableUnlessStatement } from "./postgres-errors.ts";

/** A statement that each connection prepares once, by its name. Different texts need different names. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Postgres as the stores use it: single statements, each in a transaction of its own.
 *
 * Statements are pipelined: they are sent over a few connections without waiting for earlier answers. On the
 * same machine, that gives about twice the throughput of a pool that lends a connection for each statement,
 * with half the processor time. The price is that several statements cannot form one transaction; no query
 * here needs that.
 *
 * A statement that throws `Unavailable` may or may not have been carried out.
 */
export interface Database {
  query<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /** Closes the connections after the running statements have finished. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly connections?: number;
  /** A statement that gets no answer within this time fails, and its connection is replaced. */
  readonly answerMsMax?: number;
  /**
   * At most this many statements may wait for answers. Further statements fail with `Unavailable` at once.
   */
  readonly pendingMax?: number;
  /** This is called when a connection was lost. The next statement opens a new connection. */
  readonly onError?: (error: Error) => void;
}

/** Rejects with an error for the operator if Postgres cannot be used. */
export async function openDatabase({
  url,
  connections = 4,
  answerMsMax = 15_000,
  pendingMax = 20_000,
  onError = () => {},
}: DatabaseOptions): Promise<Database> {
  const connect = createConnector(url, {
    // Postgres cancels a slow statement before the client stops waiting. So the client does not mistake a
    // slow statement for a dead connection.
    statementMsMax: Math.ceil((answerMsMax * 2) / 3),
    connectMsMax: Math.min(answerMsMax, 5_000),
    client: { application_name: "sallyport", pipeline: true, query_timeout: answerMsMax },
  });
  /** A server that refuses writes refuses them on all connections, and may answer reads with old data. */
  const onReadOnly = (): void => {
    for (const lane of lanes) lane.leave();
  };
  const lanes = Array.from({ length: connections }, () => new Lane({ connect, onError, onReadOnly }));
  const shortest = (): Lane => lanes.reduce((best, lane) => (lane.pending < best.pending ? lane : best));
  let closed = false;

  try {
    await lanes[0]?.connected();
  } catch (error) {
    throw unreachable(url, error);
  }
  return {
    query: async (statement, values) => {
      const lane = shortest();
      if (closed) throw new Unavailable("the database is closed", { store: "Postgres" });
      if (lane.pending * connections >= pendingMax)
        throw new Unavailable("too much asked of Postgres", { store: "Postgres" });
      return lane.query(statement, values);
    },
    close: async () => {
      closed = true;
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

export function unreachable(url: string, cause: unknown): Error {
  return new Error(`cannot use Postgres at DATABASE_URL ${withoutPassword(url)}: ${reasonOf(cause)}`, {
    cause,
  });
}

interface LaneNeeds {
  connect(): Promise<pg.Client>;
  onError(error: Error): void;
  onReadOnly(): void;
}

/** One pipelined connection. A statement opens the connection if it is not open. */
class Lane {
  pending = 0;
  #client: Promise<pg.Client> | undefined;
  /** Statements still run on these replaced connections. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #needs: LaneNeeds;

  constructor(needs: LaneNeeds) {
    this.#needs = needs;
  }

  async query<Row extends pg.QueryResultRow>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Row[]> {
    this.pending += 1;
    const connected = this.connected();
    try {
      const client = await connected;
      const { rows } = await client.query<Row>({ ...statement, values: values as unknown[] });
      return rows;
    } catch (error) {
      // `onReadOnly` is called once for each connection, and not for each statement on it.
      if (isReadOnly(error) && this.#client === connected) this.#needs.onReadOnly();
      if (endsConnection(error)) this.#leave(connected);
      throw unavailableUnlessStatement(error);
    } finally {
      this.pending -= 1;
    }
  }

  connected(): Promise<pg.Client> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  #connect(): Promise<pg.Client> {
    const connected = this.#needs.connect().then(
      (client) => {
        client.on("end", () => this.#forget(connected));
        client.on("error", (error) => {
          this.#forget(connected);
          this.#needs.onError(error);
        });
        return client;
      },
      (error: unknown) => {
        this.#forget(connected);
        // If Postgres refuses the connection (wrong password, no such database, still starting), the
        // statement has no answer, so it fails with `Unavailable` too.
        throw new Unavailable(reasonOf(error), { store: "Postgres", cause: error });
      },
    );
    return connected;
  }

  /** Makes the next statement open a new connection. */
  #forget(connected: Promise<pg.Client>): void {
    if (this.#client === connected) this.#client = undefined;
  }

  /** Forgets the connection, and closes it after its pending statements were answered. */
  #leave(connected: Promise<pg.Client>): void {
    if (this.#client !== connected) return;
    this.#forget(connected);
    const left = ended(connected).finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  leave(): void {
    if (this.#client !== undefined) this.#leave(this.#client);
  }

  async close(): Promise<void> {
    this.leave();
    await Promise.all(this.#leaving);
  }
}

async function ended(connected: Promise<pg.Client>): Promise<void> {
  const client = await connected.catch(() => undefined);
  await client?.end();
}
