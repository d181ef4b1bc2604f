import { ReplyError } from "ioredis";

/** The first word of a refusal by Redis, which its protocol sets aside for the kind; undefined for other errors. */
export function replyCode(error: unknown): string | undefined {
  return error instanceof ReplyError ? /^[A-Z]+\b/.exec((error as Error).message)?.[0] : undefined;
}

const refusalsForGood = new Set(["WRONGPASS", "NOAUTH", "NOPERM", "ERR"]);

/** Whether it is of no use to try again: Redis refuses this client, or shows a certificate that is not trusted. */
export function isForGood(error: unknown): boolean {
  const code = replyCode(error);
  if (code !== undefined) return refusalsForGood.has(code);
  const systemCode = error instanceof Error && "code" in error ? error.code : null;
  return typeof systemCode === "string" && /CERT|^ERR_TLS/.test(systemCode);
}
