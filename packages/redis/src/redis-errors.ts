import { ReplyError } from "ioredis";

/** The first word of an error reply from Redis, such as `NOAUTH`. Undefined if the error has no such word. */
export function replyCode(error: unknown): string | undefined {
  return error instanceof ReplyError ? /^[A-Z]+\b/.exec((error as Error).message)?.[0] : undefined;
}

const refusalsForGood = new Set(["WRONGPASS", "NOAUTH", "NOPERM", "ERR"]);

/** Whether a retry is pointless: Redis refuses this client, or the certificate of Redis is not trusted. */
export function isForGood(error: unknown): boolean {
  const code = replyCode(error);
  if (code !== undefined) return refusalsForGood.has(code);
  const systemCode = error instanceof Error && "code" in error ? error.code : null;
  return typeof systemCode === "string" && /CERT|^ERR_TLS/.test(systemCode);
}
