import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  freePorts,
  type PostgresOptions,
  type RedisOptions,
  type RunningPostgres,
  type RunningRedis,
  SallyportProcess,
  type SallyportProcessOptions,
  startPostgres,
  startRedis,
} from "@sallyport/testkit";
import type { Environment } from "./cluster-plan.ts";

/** A server process. Without `args`, its name is also its command. */
export interface RigServer extends Partial<Omit<SallyportProcessOptions, "name" | "environment">> {
  readonly name: string;
  readonly environment: Environment;
}

/**
 * Runs server processes and their own stores on loopback, with a folder for files. `stop` ends and removes
 * everything.
 */
export class Rig {
  readonly folder: string;
  readonly linkPassword = randomBytes(24).toString("hex");
  readonly #graceMs: number;
  readonly #stops: (() => unknown)[] = [];

  private constructor(name: string, graceMs: number) {
    this.folder = mkdtempSync(join(tmpdir(), `sallyport-${name}-`));
    this.#graceMs = graceMs;
    this.stopAlso(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Resolves to the result of `fill`. If `fill` fails, stops everything. A server has `graceMs` to stop. */
  static async open<T>(
    { name, graceMs }: { readonly name: string; readonly graceMs: number },
    fill: (rig: Rig) => Promise<T>,
  ): Promise<T> {
    const rig = new Rig(name, graceMs);
    try {
      return await fill(rig);
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  async startRedis(options?: RedisOptions): Promise<RunningRedis> {
    const redis = await startRedis(options);
    this.stopAlso(redis.stop);
    return redis;
  }

  async startPostgres(
    options?: PostgresOptions,
  ): Promise<{ readonly postgres: RunningPostgres; readonly databaseUrl: string }> {
    const postgres = await startPostgres(options);
    this.stopAlso(postgres.stop);
    return { postgres, databaseUrl: (await postgres.createDatabase()).url };
  }

  /**
   * Prepares a process without starting it. `Rig.stop` does not stop this process, unless the caller passes
   * its `stop` to `stopAlso`.
   */
  async newServer({ name, environment, ...others }: RigServer): Promise<SallyportProcess> {
    const [adminPort = 0] = await freePorts(1);
    const folder = join(this.folder, name);
    return new SallyportProcess({
      name,
      args: [name],
      graceMs: this.#graceMs,
      adminPort,
      folder,
      environment,
      ...others,
    });
  }

  /** Resolves when the server is ready. */
  async startServer(options: RigServer): Promise<SallyportProcess> {
    const server = await this.newServer(options);
    this.stopAlso(() => server.stop());
    await server.start();
    return server;
  }

  stopAlso(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  /** Stops everything, the newest first. A failure does not prevent the other stops. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
