import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readPage, securityHeaders } from "../src/web/page-files.ts";
import { openPageServer, type PageServer } from "../src/web/page-server.ts";

const folder = mkdtempSync(join(tmpdir(), "sallyport-page-"));
const url = pathToFileURL(`${folder}/`);
const loginUrl = 'wss://play.example.org/login?a=1&b="';
const script = "export const page = 1;\n".repeat(100);
const opened: PageServer[] = [];

beforeAll(() => {
  writeFileSync(join(folder, "index.html"), '<meta name="sallyport-login" content="">');
  writeFileSync(join(folder, "main.js"), script);
});
afterEach(async () => {
  for (const server of opened.splice(0)) await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function serve(): Promise<string> {
  const files = await readPage({ loginUrl }, url);
  const headers = securityHeaders({ doorUrls: [loginUrl] });
  const server = await openPageServer({ host: "127.0.0.1", port: 0, files, headers, tls: null });
  opened.push(server);
  return server.url;
}

describe("the page", () => {
  test("has the URL of the login-server, which cannot end its attribute", async () => {
    const page = await (await fetch(await serve())).text();
    expect(page).toBe(
      '<meta name="sallyport-login" content="wss://play.example.org/login?a=1&amp;b=&quot;">',
    );
  });

  test("comes compressed or not, as the browser accepts, with its type and length", async () => {
    const main = `${await serve()}/main.js`;
    const plain = await fetch(main, { headers: { "accept-encoding": "gzip;q=0, br" } });
    expect([plain.headers.get("content-encoding"), await plain.text()]).toEqual([null, script]);
    expect(plain.headers.get("content-length")).toBe(String(script.length));
    const gzip = await fetch(main, { headers: { "accept-encoding": "br, gzip" } });
    expect([gzip.headers.get("content-encoding"), await gzip.text()]).toEqual(["gzip", script]);
    expect(gzip.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  });

  test("is not sent again if the browser has it already", async () => {
    const main = `${await serve()}/main.js`;
    const etag = (await fetch(main)).headers.get("etag") ?? "";
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await fetch(main, { headers: { "if-none-match": known } });
      expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, etag, ""]);
    }
    expect((await fetch(main, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  test("is all that is served: no other path, and only GET and HEAD", async () => {
    const at = await serve();
    for (const path of ["/index.html", "/../package.json", "/%2e%2e/package.json", "/main.js/", "//main.js"])
      expect((await fetch(`${at}${path}`)).status, path).toBe(404);
    const posted = await fetch(at, { method: "POST", body: "x" });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const head = await fetch(`${at}/main.js?query`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("that is not built names the setting and the remedy", async () => {
    await expect(readPage({ loginUrl }, new URL("none/", url))).rejects.toThrow(/^WEB_PORT: .*npm start/);
  });

  test("on a port in use names the setting", async () => {
    const port = Number(new URL(await serve()).port);
    const second = openPageServer({ host: "127.0.0.1", port, files: new Map(), headers: {}, tls: null });
    await expect(second).rejects.toThrow(`WEB_PORT 127.0.0.1:${port}: already in use`);
  });
});

test("every answer forbids everything but the page itself and the doors", async () => {
  const at = await serve();
  for (const path of ["/", "/main.js", "/nothing"]) {
    const { headers } = await fetch(`${at}${path}`);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
        "connect-src wss://play.example.org; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  }
});

test("each door is named once in the policy, by its origin", () => {
  const doorUrls = [
    "ws://127.0.0.1:7102",
    "wss://play.example.org/alpha",
    "wss://play.example.org/map",
    "ws://[::1]:7302",
  ];
  expect(securityHeaders({ doorUrls })["content-security-policy"]).toContain(
    "connect-src ws://127.0.0.1:7102 wss://play.example.org ws://[::1]:7302;",
  );
});
