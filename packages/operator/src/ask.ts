import { type Environment, readSettings } from "@sallyport/server-kit";
import { adminSettings } from "./admin-settings.ts";

/** This error means that an operator has to correct the command or to start a server. */
class CannotAsk extends Error {
  override readonly name = "CannotAsk";
}

const answerMs = 10_000;
const where = "the admin port of a running login-server or char-server, or of `sallyport up`";

/**
 * Returns the URL of the admin port. The URL comes from `--admin`. Without `--admin`, it comes from the
 * settings of the admin port.
 */
export function adminUrl(given: string | undefined, environment: Environment): URL {
  if (given !== undefined) {
    const url = URL.canParse(given) ? new URL(given) : null;
    if (url?.protocol !== "http:")
      throw new CannotAsk(`--admin ${given}: expected a URL like http://127.0.0.1:9464`);
    return url;
  }
  const { adminPort: port, adminHost: host } = readSettings(adminSettings, environment);
  if (port === null || port === 0) {
    throw new CannotAsk(
      `ADMIN_PORT is not set: set it, or pass --admin http://host:port, to name ${where}. A server opens that port if ADMIN_PORT is set when it starts.`,
    );
  }
  const near = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return new URL(`http://${near.includes(":") ? `[${near}]` : near}:${port}`);
}

export async function ask<Answer>(
  at: URL,
  path: string,
  asked: { readonly [name: string]: string | undefined } = {},
): Promise<Answer> {
  const url = new URL(path, at);
  for (const [name, value] of Object.entries(asked))
    if (value !== undefined) url.searchParams.set(name, value);
  let response: Response;
  let said: string;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(answerMs) });
    said = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CannotAsk(
      `no answer from ${at.origin}, which should be ${where} (ADMIN_PORT or --admin): ${why}`,
    );
  }
  const answer = parsed(said);
  if (response.ok && answer !== null) return answer as Answer;
  const told = answer as { readonly error?: unknown } | null;
  const why = typeof told?.error === "string" ? told.error : `it answered ${response.status}`;
  throw new CannotAsk(`${at.origin} refused: ${why}`);
}

function parsed(text: string): object | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
