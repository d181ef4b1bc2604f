import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { pageFolder } from "@sallyport/web-client";
import type { WebTargets } from "./web-settings.ts";

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  /** The same for the same contents, in every process. */
  readonly etag: string;
}

/** The whole page in memory. The keys are paths like `/main.js`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** Reads the built page. Rejects if it is not built. */
export async function readPage(
  targets: Pick<WebTargets, "loginUrl">,
  folder = pageFolder,
): Promise<PageFiles> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new Error(`WEB_PORT: the page is not built; npm start builds it in ${folder.pathname}`, {
      cause: error,
    });
  });
  const files = await Promise.all(
    names.map(async (name) => {
      const read = await readFile(new URL(name, folder));
      const body = name === "index.html" ? withLogin(read.toString(), targets.loginUrl) : read;
      return [name === "index.html" ? "/" : `/${name}`, fileOf(name, body)] as const;
    }),
  );
  return new Map(files);
}

function fileOf(name: string, body: Buffer): PageFile {
  const type = types[name.slice(name.lastIndexOf(".") + 1)];
  if (type === undefined) throw new Error(`the page has a file of an unknown type: ${name}`);
  const hash = createHash("sha256").update(body).digest("base64url").slice(0, 22);
  return { type, body, gzip: gzipSync(body, { level: 9 }), etag: `"${hash}"` };
}

/** Writes the URL of the login-server into the page. */
function withLogin(html: string, loginUrl: string): Buffer {
  const empty = '<meta name="sallyport-login" content="">';
  if (!html.includes(empty)) throw new Error("index.html has no place for the URL of the login-server");
  const safe = loginUrl.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return Buffer.from(html.replace(empty, () => empty.replace('content=""', `content="${safe}"`)));
}

/**
 * Returns the headers of every answer. The policy allows code and styles of the page alone, and connections to
 * the doors alone. The password hash needs WebAssembly; the policy still forbids code from text.
 */
export function securityHeaders({
  doorUrls,
}: Pick<WebTargets, "doorUrls">): Readonly<Record<string, string>> {
  const origins = [...new Set(doorUrls.map((url) => new URL(url).origin))];
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${origins.join(" ")}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
}
