import type http from "node:http";
import type { TlsSource } from "@sallyport/link/tcp";
import { type OpenHttp, openHttp } from "../process/open-http.ts";
import type { PageFile, PageFiles } from "./page-files.ts";

export interface PageServerOptions {
  readonly host: string;
  readonly port: number;
  readonly files: PageFiles;
  /** The headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** The certificate of the doors. Without it, the page is served over HTTP. */
  readonly tls: TlsSource | null;
}

export type PageServer = Pick<OpenHttp, "url" | "stop">;

/** Serves these files and nothing else. Rejects with an error that names the setting. */
export async function openPageServer(options: PageServerOptions): Promise<PageServer> {
  const { host, port, files, headers, tls } = options;
  return openHttp({ variable: "WEB_PORT", host, port, tls }, (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    respond(files, request, response);
  });
}

function respond(files: PageFiles, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { method, headers } = request;
  const isHead = method === "HEAD";
  const refuse = (status: number, text: string, more: http.OutgoingHttpHeaders = {}): void => {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...more });
    response.end(isHead ? undefined : `${text}\n`);
  };
  if (method !== "GET" && !isHead) return refuse(405, "only GET and HEAD", { allow: "GET, HEAD" });
  const file = files.get(request.url?.split("?")[0] ?? "");
  if (file === undefined) return refuse(404, "there is no such file");
  const { etag, type } = file;
  // The page is asked for again at each visit, so a new version arrives at once.
  const known = { etag, "cache-control": "no-cache", vary: "accept-encoding" };
  if (matches(headers["if-none-match"], etag)) return void response.writeHead(304, known).end();
  const { body, encoding } = chosen(file, headers["accept-encoding"]);
  response.writeHead(200, { ...known, "content-type": type, "content-length": body.length, ...encoding });
  response.end(isHead ? undefined : body);
}

/** A weak tag matches too: a proxy that compresses makes a strong tag weak. */
const matches = (listed: string | undefined, etag: string): boolean =>
  listed?.split(",").some((each) => each.trim().replace(/^W\//, "") === etag) ?? false;

function chosen(
  { body, gzip }: PageFile,
  accepted = "",
): { body: Buffer; encoding: http.OutgoingHttpHeaders } {
  const isGzip = /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(
    accepted,
  );
  return isGzip ? { body: gzip, encoding: { "content-encoding": "gzip" } } : { body, encoding: {} };
}
