import { join } from "node:path";
import { WebSocket } from "ws";
import { findOrInstall } from "./binaries.ts";
import { removeFolder, spawnServer, temporaryFolder } from "./server-process.ts";
import { until } from "./until.ts";

/** A page in a browser without a window. */
export interface BrowserPage {
  /** What the page printed and what it threw, for error messages. */
  readonly printed: readonly string[];
  /** The value of an expression, once it is there; rejects with what the page threw. */
  evaluate(expression: string): Promise<unknown>;
}

export interface RunningChromium {
  /** Resolves when the page and all that it asks for are loaded. */
  open(url: string): Promise<BrowserPage>;
  stop(): Promise<void>;
}

const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A Chromium of the test's own, with a fresh profile. `trusted`: hashes of public keys that need no authority. */
export async function startChromium({
  trusted = [],
}: {
  readonly trusted?: readonly string[];
} = {}): Promise<RunningChromium> {
  const program = findOrInstall({
    program: "chromium",
    debianPackage: "chromium",
    variable: "PATH to have it",
  });
  const folder = temporaryFolder("chromium");
  const profile = join(folder, "profile");
  const trust = trusted.length === 0 ? [] : [`--ignore-certificate-errors-spki-list=${trusted.join(",")}`];
  const server = spawnServer(
    program,
    [...quiet, ...trust, `--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"],
    { folder },
  );
  const lines: DevTools[] = [];
  const stop = async (): Promise<void> => {
    for (const line of lines) line.close();
    // The group: its renderers too.
    if (server.running) process.kill(-server.pid, "SIGKILL");
    await server.exited;
    removeFolder(folder);
  };
  try {
    const port = await until(
      () => /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(server.output)?.[1] ?? !server.running,
      { what: "chromium answers", timeoutMs: 60_000 },
    );
    if (!server.running) throw new Error(`chromium did not start:\n${server.output}`);
    return {
      async open(url) {
        const made = await fetch(`http://127.0.0.1:${port}/json/new?about:blank`, { method: "PUT" });
        const { webSocketDebuggerUrl } = (await made.json()) as { webSocketDebuggerUrl: string };
        const line = await DevTools.connect(webSocketDebuggerUrl);
        lines.push(line);
        return line.open(url);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}
interface Thrown {
  readonly text: string;
  readonly exception?: Shown;
}

/** A JavaScript value of the page: what is not primitive has no value here, only a description. */
interface Shown {
  readonly description?: string;
  readonly value?: string | number | boolean | null;
}

/** One page, by Chromium's DevTools protocol. */
class DevTools implements BrowserPage {
  readonly printed: string[] = [];
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #lastId = 0;
  #isLoaded = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#hear(JSON.parse((data as Buffer).toString())));
    socket.on("close", () => {
      for (const [id, answer] of this.#asked) answer({ id, error: { message: "the page is gone" } });
    });
  }

  static connect(url: string): Promise<DevTools> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { perMessageDeflate: false });
      socket.once("open", () => resolve(new DevTools(socket)));
      socket.once("error", reject);
    });
  }

  async open(url: string): Promise<BrowserPage> {
    await this.#ask("Runtime.enable");
    await this.#ask("Log.enable");
    await this.#ask("Page.enable");
    this.#isLoaded = false;
    const { errorText } = (await this.#ask("Page.navigate", { url })) as { errorText?: string };
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await until(() => this.#isLoaded, { what: `${url} is loaded`, timeoutMs: 30_000 });
    return this;
  }

  async evaluate(expression: string): Promise<unknown> {
    const evaluated = await this.#ask("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    const { result, exceptionDetails } = evaluated as {
      result: { value?: unknown };
      exceptionDetails?: Thrown;
    };
    if (exceptionDetails === undefined) return result.value;
    throw new Error([describeThrown(exceptionDetails), ...this.printed].join("\n"));
  }

  close(): void {
    this.#socket.terminate();
  }

  #ask(method: string, params: object = {}): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, ({ result, error }) => {
        this.#asked.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #hear({ id, method, params, ...answer }: Answer): void {
    if (id !== undefined) this.#asked.get(id)?.({ id, ...answer });
    if (method === "Page.loadEventFired") this.#isLoaded = true;
    if (method === "Runtime.exceptionThrown")
      this.printed.push(describeThrown((params as { exceptionDetails: Thrown }).exceptionDetails));
    if (method === "Log.entryAdded") this.printed.push((params as { entry: { text: string } }).entry.text);
    if (method === "Runtime.consoleAPICalled") {
      const { args } = params as { args: readonly Shown[] };
      this.printed.push(args.map((each) => String(each.value ?? each.description)).join(" "));
    }
  }
}

const describeThrown = ({ text, exception }: Thrown): string =>
  `${text} ${exception?.description ?? String(exception?.value ?? "")}`.trim();
