import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { build } from "./build.ts";
import { query, startPostgres } from "./postgres-server.ts";
import { startRedis } from "./redis-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    redisUrl: string;
    postgresUrl: string;
    /** Part of every key and database name of this run. */
    runId: string;
  }
}

/** Builds, and starts one Redis and one Postgres, for all integration tests of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  build();
  const runId = randomBytes(4).toString("hex");
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(stops.map((stop) => stop()));
  };
  const redis = async (): Promise<string> => {
    const named = process.env["REDIS_URL"];
    if (named) return named;
    const server = await startRedis();
    stops.push(() => server.stop());
    return server.url;
  };
  const postgres = async (): Promise<string> => {
    const named = process.env["DATABASE_URL"];
    if (named) {
      stops.push(() => dropDatabasesOf(named, runId));
      return named;
    }
    const server = await startPostgres();
    stops.push(() => server.stop());
    return server.url;
  };

  const [redisUrl, postgresUrl] = await Promise.allSettled([redis(), postgres()]);
  const failed = [redisUrl, postgresUrl].find((result) => result.status === "rejected");
  if (redisUrl.status === "rejected" || postgresUrl.status === "rejected") {
    await stopAll();
    throw failed?.reason;
  }
  project.provide("redisUrl", redisUrl.value);
  project.provide("postgresUrl", postgresUrl.value);
  project.provide("runId", runId);
  return stopAll;
}

async function dropDatabasesOf(url: string, runId: string): Promise<void> {
  const { rows } = await query(url, "SELECT datname FROM pg_database WHERE datname LIKE $1", [
    `sallyport_test_${runId}_%`,
  ]);
  for (const { datname } of rows) await query(url, `DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`);
}
