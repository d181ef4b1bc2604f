import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserPage, type RunningChromium, SallyportProcess, startChromium } from "@sallyport/testkit";
import { pageFolder } from "../../../scripts/bundle-page.mjs";
import { readPage, securityHeaders } from "../../cli/src/web/page-files.ts";
import { openPageServer, type PageServer } from "../../cli/src/web/page-server.ts";

export type TabOptions = Parameters<RunningChromium["open"]>[1];

/** Serves the page for doors that the test has opened. The addresses are of WebSocket ports. */
export async function servePage(loginUrl: string, otherUrls: readonly string[]): Promise<PageServer> {
  const files = await readPage({ loginUrl }, new URL(`file://${pageFolder}/`));
  const headers = securityHeaders({ doorUrls: [loginUrl, ...otherUrls] });
  return openPageServer({ host: "127.0.0.1", port: 0, files, headers, tls: null });
}

/** The whole of `npm start`, on free ports, and a browser. */
export class ServedPage {
  readonly url: string;
  readonly server: SallyportProcess;
  readonly #chromium: RunningChromium;
  readonly #folder: string;

  private constructor(url: string, server: SallyportProcess, chromium: RunningChromium, folder: string) {
    this.url = url;
    this.server = server;
    this.#chromium = chromium;
    this.#folder = folder;
  }

  /** `trusted` has hashes of public keys whose certificates the browser accepts. */
  static async start(
    environment: Readonly<Record<string, string>> = {},
    trusted: readonly string[] = [],
  ): Promise<ServedPage> {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-page-"));
    const server = new SallyportProcess({
      name: "sallyport up --web",
      args: ["up", "--web"],
      environment: {
        ...{ LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", WEB_PORT: "0" },
        ...{ LOGIN_WS_PORT: "0", CHAR_WS_PORT: "0", MAP_WS_PORT: "0" },
        // A walk takes less time than on the real map.
        MAP_STEP_MS: "60",
        ...environment,
      },
      folder,
    });
    server.spawn();
    const [, url = ""] = await server.untilSays(/Play in a browser: +(http\S+)/);
    return new ServedPage(url, server, await startChromium({ trusted }), folder);
  }

  tab(as: TabOptions = {}): Promise<BrowserPage> {
    return this.#chromium.open(this.url, { locale: "en", ...as });
  }

  async stop(): Promise<void> {
    await this.#chromium.stop();
    await this.server.kill();
    rmSync(this.#folder, { recursive: true });
  }
}
