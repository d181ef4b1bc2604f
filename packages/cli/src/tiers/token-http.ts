import type http from "node:http";
import { Unavailable } from "@sallyport/domain";
import { jwksPath, revocationsPath } from "@sallyport/identity-token";
import type { PublishedTokens } from "@sallyport/login-server";
import { type HttpPlace, type OpenHttp, openHttp } from "../process/open-http.ts";

interface Page {
  readonly type: string;
  read(): Promise<string>;
}

/**
 * Shows the public keys of identity tokens, and the signed revocation list. Both are for everybody. `failed` is
 * called with a bug.
 */
export function openTokenHttp(
  place: Omit<HttpPlace, "variable">,
  { tokens, failed }: { readonly tokens: PublishedTokens; readonly failed: (error: unknown) => void },
): Promise<OpenHttp> {
  const pages: { readonly [path: string]: Page } = {
    [jwksPath]: {
      type: "application/jwk-set+json",
      read: async () => JSON.stringify(await tokens.keys()),
    },
    [revocationsPath]: { type: "application/jose", read: () => tokens.revocations() },
  };
  const { host, port, tls } = place;
  return openHttp({ variable: "TOKEN_HTTP_PORT", host, port, tls }, (request, response) => {
    respond(pages, request, response).catch((error: unknown) => {
      response.destroy();
      failed(error);
    });
  });
}

/** A list from the memory of a proxy could be out of date. */
const noStore = { "cache-control": "no-store" } as const;

async function respond(
  pages: { readonly [path: string]: Page },
  { method, url = "" }: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const isHead = method === "HEAD";
  const say = (status: number, type: string, text: string, more: http.OutgoingHttpHeaders = {}): void => {
    const headers = { "content-type": type, "content-length": Buffer.byteLength(text), ...noStore, ...more };
    response.writeHead(status, headers).end(isHead ? undefined : text);
  };
  const refuse = (status: number, text: string, more: http.OutgoingHttpHeaders = {}): void =>
    say(status, "text/plain; charset=utf-8", `${text}\n`, more);
  if (method !== "GET" && !isHead) return refuse(405, "only GET and HEAD", { allow: "GET, HEAD" });
  const path = url.split("?")[0] ?? "";
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return refuse(404, `there are only ${Object.keys(pages).join(" and ")}`);
  try {
    say(200, page.type, await page.read());
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    refuse(503, "the database does not answer", { "retry-after": "2" });
  }
}
