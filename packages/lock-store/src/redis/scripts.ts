import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { replyCode } from "@sallyport/redis";
import type { Redis } from "ioredis";

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export interface ScriptCall {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

/** The path works from src/redis and dist/redis, so no build step has to copy the scripts. */
const read = (name: string): string =>
  readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), "utf8");

const scriptOf = (lua: string): Script => ({ lua, sha: createHash("sha1").update(lua).digest("hex") });

const compareAndSet = read("compare-and-set");

export const scripts = {
  compareAndSet: scriptOf(compareAndSet),
  /**
   * This is the same script for calls that change nothing. Redis runs it even if Redis is full or a replica.
   */
  load: scriptOf(compareAndSet.replace("#!lua", "#!lua flags=no-writes")),
  due: scriptOf(read("due")),
  ownedBy: scriptOf(read("owned-by")),
  beginGeneration: scriptOf(read("begin-generation")),
} as const;

export async function runScript(client: Redis, { script, keys, args }: ScriptCall): Promise<unknown> {
  try {
    return await client.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    return await again(client, { script, keys, args }, error);
  }
}

/** Sends all calls in one write. Each result is an answer or an `Error`. */
export async function runScripts(client: Redis, calls: readonly ScriptCall[]): Promise<readonly unknown[]> {
  const [first] = calls;
  if (first !== undefined && calls.length === 1)
    return [await runScript(client, first).catch((error: unknown) => error)];
  const pipeline = client.pipeline();
  for (const { script, keys, args } of calls) pipeline.evalsha(script.sha, keys.length, ...keys, ...args);
  const answers = (await pipeline.exec()) ?? [];
  return Promise.all(
    calls.map(async (call, nth) => {
      const [error, answer] = answers[nth] ?? [new Error("no answer"), null];
      return error === null ? answer : again(client, call, error).catch((reason: unknown) => reason);
    }),
  );
}

/**
 * Redis forgets scripts when it restarts or fails over. NOSCRIPT means that the script has not run, so it is
 * safe to send it again.
 */
async function again(client: Redis, { script, keys, args }: ScriptCall, error: unknown): Promise<unknown> {
  if (replyCode(error) !== "NOSCRIPT") throw error;
  return client.eval(script.lua, keys.length, ...keys, ...args);
}
