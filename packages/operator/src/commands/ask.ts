import { hostAndPort } from "@sallyport/link/addresses";
import { type Environment, readSettings } from "@sallyport/server-kit";
import { adminSettings } from "../admin-settings.ts";
import { newNonce, nonceHeader } from "../port/nonce.ts";
import type { AnyRequest } from "../requests/request.ts";

/** What the exit code of a command means to scripts. */
export const exitCodes = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** This error means that an operator has to correct the command or to start a server. */
export class CannotAsk extends Error {
  override readonly name = "CannotAsk";
  readonly exitCode: number;
  /** The word with which the admin port refused. Null: it did not answer, or gave no word. */
  readonly refusal: string | null;
  constructor(message: string, exitCode: number, refusal: string | null = null) {
    super(message);
    this.exitCode = exitCode;
    this.refusal = refusal;
  }
}

/** Where the admin port is, and what a command shows it. */
export interface AdminPortAt {
  readonly url: URL;
  /** Null: no credential was found. */
  readonly authorization: string | null;
}

/** A change may wait until a player is saved and has left. */
const answerMs = 30_000;
const usualPort = 9464;
const where = "the admin port of a running login-server or char-server, or of `sallyport up`";

/**
 * Returns the URL of the admin port. The URL comes from `--admin`. Without `--admin`, it comes from the
 * settings of the admin port.
 */
export function adminUrl(given: string | undefined, environment: Environment): URL {
  if (given !== undefined) {
    const url = URL.canParse(given) ? new URL(given) : null;
    if (url?.protocol !== "http:")
      throw new CannotAsk(`--admin ${given}: expected a URL like http://127.0.0.1:9464`, exitCodes.usage);
    return url;
  }
  const { adminPort: port, adminHost: host } = readSettings(adminSettings, environment);
  const near = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return new URL(`http://${hostAndPort({ host: near, port: port || usualPort })}`);
}

/** `given` has a text for each field that is not absent. Throws `CannotAsk`. */
export async function ask(
  { url: at, authorization }: AdminPortAt,
  { method, path, fields }: Pick<AnyRequest, "method" | "path" | "fields">,
  given: { readonly [field: string]: string | undefined },
): Promise<object> {
  const inPath = new Set([...path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(given[name] ?? ""));
  const url = new URL(filled, at);
  const rest = Object.keys(fields).flatMap((name) => {
    const text = given[name];
    return text === undefined || inPath.has(name) ? [] : [[name, text] as const];
  });
  if (method === "GET") for (const [name, text] of rest) url.searchParams.set(name, text);
  const headers = {
    ...(authorization !== null && { authorization }),
    ...(method === "POST" && { "content-type": "application/json", [nonceHeader]: newNonce(Date.now()) }),
  };
  const body = method === "POST" ? { body: JSON.stringify(Object.fromEntries(rest)) } : {};
  let response: Response;
  let said: string;
  try {
    response = await fetch(url, { method, headers, ...body, signal: AbortSignal.timeout(answerMs) });
    said = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CannotAsk(
      `no answer from ${at.origin}, which should be ${where} (ADMIN_PORT or --admin): ${why}`,
      exitCodes.unreachable,
    );
  }
  const answer = parsed(said);
  if (response.ok && answer !== null) return answer;
  throw refusedBy(at, response.status, authorization, answer);
}

function refusedBy(at: URL, status: number, authorization: string | null, answer: object | null): CannotAsk {
  const told = answer as { readonly error?: unknown; readonly refusal?: unknown } | null;
  const why = typeof told?.error === "string" ? told.error : `it answered ${status}`;
  const hint =
    status === 401 && authorization === null
      ? "; pass --as NAME, or set ADMIN_TOKEN or ADMIN_TOKEN_FILE to the token of the server, or SALLYPORT_DATA to its folder"
      : "";
  const refusal = typeof told?.refusal === "string" ? told.refusal : null;
  const code =
    status === 503 ? exitCodes.unreachable : refusal === "invalid" ? exitCodes.usage : exitCodes.refused;
  return new CannotAsk(`${at.origin} refused: ${why}${hint}`, code, refusal);
}

function parsed(text: string): object | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
