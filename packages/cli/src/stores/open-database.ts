import { type Database, openDatabase } from "@sallyport/database";
import type { Shell } from "../process/shell.ts";
import { measuredDatabase } from "./measured.ts";
import { onceThere } from "./wait-for-stores.ts";

interface DatabaseNeeds {
  readonly databaseUrl: string;
  /** The maximum number of connections to Postgres. If absent, the default of `openDatabase` applies. */
  readonly connections?: number;
  /** Maximum number of milliseconds to wait for Postgres. */
  readonly startMs: number;
}

type Migrate = (url: string, log: (message: string) => void) => Promise<void>;

/** Waits for Postgres, migrates it by each of these, and opens it. */
export async function openMigratedDatabase(
  shell: Shell,
  { databaseUrl, connections, startMs }: DatabaseNeeds,
  migrations: readonly Migrate[],
): Promise<Database> {
  const { log, metrics } = shell;
  const onError = (error: Error): void => log.warn({ err: error }, "lost a connection to Postgres");
  const open = async (): Promise<Database> => {
    for (const migrate of migrations) await migrate(databaseUrl, (message) => log.info({}, message));
    return openDatabase({ url: databaseUrl, onError, ...(connections !== undefined && { connections }) });
  };
  return measuredDatabase(await onceThere(shell, open, startMs), metrics);
}
