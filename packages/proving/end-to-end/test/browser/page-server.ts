import http from "node:http";
import type { AddressInfo } from "node:net";

/** Serves one page with one script. Its content security policy is as strict as possible. */
export async function servePage(script: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const strict = {
    "content-security-policy": [
      "default-src 'none'",
      // The SDK's password hash needs WebAssembly. The policy still forbids code from text.
      "script-src 'self' 'wasm-unsafe-eval'",
      "connect-src ws: wss:",
    ].join("; "),
  };
  const page = `<!doctype html><title>test</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`;
  const server = http.createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    if (!isScript) response.writeHead(200, strict);
    response.end(isScript ? script : page);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
