import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { replyCode } from "@sallyport/redis";
import type { Redis } from "ioredis";

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export const scripts = {
  compareAndSet: read("compare-and-set"),
  load: read("load"),
  due: read("due"),
  ownedBy: read("owned-by"),
  beginGeneration: read("begin-generation"),
} as const;

/** The path works from src/redis and dist/redis, so no build step has to copy the scripts. */
function read(name: string): Script {
  const lua = readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), "utf8");
  return { lua, sha: createHash("sha1").update(lua).digest("hex") };
}

export async function runScript(
  client: Redis,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    // Redis forgets scripts when it restarts or fails over. NOSCRIPT means that the script has not run, so it
    // is safe to send it again.
    if (replyCode(error) !== "NOSCRIPT") throw error;
    return await client.eval(lua, keys.length, ...keys, ...args);
  }
}
