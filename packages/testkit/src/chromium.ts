import { type Browser, chromium, type Page } from "playwright-core";
import { findOrInstall } from "./binaries.ts";

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

/** As slow as a busy machine may be. */
const timeout = 60_000;

/** A Chromium of the test's own, with a fresh profile. `trusted`: hashes of public keys that need no authority. */
export async function startChromium({
  trusted = [],
}: {
  readonly trusted?: readonly string[];
} = {}): Promise<RunningChromium> {
  const executablePath = findOrInstall({
    program: "chromium",
    debianPackage: "chromium",
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
    async open(url) {
      const page = await browser.newPage();
      const printed = listenTo(page);
      await page.goto(url, { waitUntil: "load", timeout });
      return { printed, evaluate: (expression) => evaluateIn(page, expression, printed) };
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
