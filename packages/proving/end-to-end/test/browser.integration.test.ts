import { createHash, X509Certificate } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type BrowserPage, startChromium, TestAuthority, type TestCertificate } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleForBrowsers } from "../../../../scripts/bundle-sdk.mjs";
import type { HopReport } from "./browser/page.ts";
import { servePage } from "./browser/page-server.ts";
import { WebCluster } from "./browser/web-cluster.ts";

/* A page in a real browser loads the SDK, and goes through all doors of real servers and back. */

/** If Chromium is missing, the test installs it, which takes a minute. */
const installMs = 300_000;

const cleanUp: (() => Promise<unknown> | void)[] = [];
let tab: BrowserPage;
let authority: TestAuthority;
let certificate: TestCertificate;

beforeAll(async () => {
  authority = new TestAuthority();
  cleanUp.push(() => authority.remove());
  certificate = authority.issue("127.0.0.1");
  const script = await bundleForBrowsers(fileURLToPath(new URL("browser/page.ts", import.meta.url)));
  const page = await servePage(script);
  cleanUp.push(() => page.stop());
  const chromium = await startChromium({ trusted: [keyHash(certificate)] });
  cleanUp.push(() => chromium.stop());
  tab = await chromium.open(page.url);
}, installMs);
afterAll(async () => {
  for (const each of cleanUp.reverse()) await each();
});

const keyHash = ({ cert }: TestCertificate): string =>
  createHash("sha256")
    .update(new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");

async function cluster(environment: Record<string, string> = {}): Promise<string> {
  const started = await WebCluster.start(environment);
  cleanUp.push(() => started.stop());
  return started.loginUrl;
}

const inPage = (name: string, ...values: readonly unknown[]): Promise<unknown> =>
  tab.evaluate(`${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`);

const secured = (): Record<string, string> => ({
  TLS_CERT: certificate.certFile,
  TLS_KEY: certificate.keyFile,
  LINK_TLS_CERT: certificate.certFile,
  LINK_TLS_KEY: certificate.keyFile,
  LINK_TLS_CA: authority.certificate.certFile,
});

test.each([
  ["ws", () => ({})],
  ["wss, the servers linked by TLS too", secured],
])("a browser goes through all doors and back by %s", async (_, environment) => {
  const loginUrl = await cluster(environment());
  const account = { name: "browser_ada", password: "correct horse" };
  const report = (await inPage("wholeHop", loginUrl, account)) as HopReport;
  expect(report.userAgent).toContain("Chrome");
  expect(report).toMatchObject({
    worlds: ["Alpha"],
    entered: ["harbour", "harbour"],
    heard: "hello from a browser",
    savedAt: report.walkedTo,
    ends: [
      ...["login: left", "login: left", "char: left"],
      ...["map: left", "char: left", "map: left"],
      ...["login: left", "char: left"],
    ],
  });
});

test("a page of another origin is refused, and a page of a listed origin is accepted", async () => {
  const elsewhere = await cluster({ LOGIN_WS_ORIGINS: "https://play.example.org" });
  expect(await inPage("whyUnreachable", elsewhere)).toBe(`unreachable: ${elsewhere}: not connected (1006)`);
  const { origin } = new URL(String(await tab.evaluate("location.href")));
  const here = await cluster({ LOGIN_WS_ORIGINS: `https://play.example.org,${origin}` });
  expect(await inPage("whyUnreachable", here)).toBe("wrong-name-or-password: ");
});
