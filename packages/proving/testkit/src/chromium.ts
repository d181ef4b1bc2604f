import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findOrInstall } from "./binaries.ts";

/** A page in a browser without a window. */
export interface BrowserPage {
  /** The output and the errors of the page, for error messages. */
  readonly printed: readonly string[];
  /** Presses keys, clicks and reads like a player. */
  readonly player: Page;
  /** Resolves with the value of an expression. Rejects if the page threw an error. */
  evaluate(expression: string): Promise<unknown>;
}

export interface RunningChromium {
  /**
   * Resolves when the page and everything that it loads have arrived. Each page has cookies and a storage of
   * its own.
   */
  open(url: string, as?: BrowserContextOptions): Promise<BrowserPage>;
  stop(): Promise<void>;
}

/** Time limit in milliseconds, long enough for a busy machine. */
const timeout = 60_000;

/**
 * Starts a Chromium with a fresh profile. `trusted` has hashes of public keys. The browser accepts their
 * certificates even if no authority signed them.
 */
export async function startChromium({
  trusted = [],
}: {
  readonly trusted?: readonly string[];
} = {}): Promise<RunningChromium> {
  const executablePath = findOrInstall({
    program: "chromium-headless-shell",
    debianPackage: "chromium-headless-shell",
    variable: "PATH to have it",
  });
  const trust = trusted.length === 0 ? [] : [`--ignore-certificate-errors-spki-list=${trusted.join(",")}`];
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ["--disable-quic", ...trust],
    chromiumSandbox: false,
    timeout,
  });
  return {
    async open(url, as = {}) {
      const page = await browser.newPage(as);
      page.setDefaultTimeout(timeout);
      const printed = listenTo(page);
      await page.goto(url, { waitUntil: "load", timeout });
      return { printed, player: page, evaluate: (expression) => evaluateIn(page, expression, printed) };
    },
    stop: () => browser.close(),
  };
}

function listenTo(page: Page): readonly string[] {
  const printed: string[] = [];
  page.on("console", (message) => printed.push(message.text()));
  page.on("pageerror", (error) => printed.push(String(error)));
  return printed;
}

async function evaluateIn(page: Page, expression: string, printed: readonly string[]): Promise<unknown> {
  try {
    return await page.evaluate(expression);
  } catch (error) {
    throw new Error([String(error), ...printed].join("\n"), { cause: error });
  }
}
