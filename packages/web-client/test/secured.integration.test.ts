import { createHash, X509Certificate } from "node:crypto";
import { TestAuthority, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { enter, expectQuiet, placeOf, walkUntil } from "./player.ts";
import { ServedPage } from "./served-page.ts";

const startMs = 300_000;

let authority: TestAuthority;
let database: TestDatabase;
let served: ServedPage;
beforeAll(async () => {
  authority = new TestAuthority();
  const { cert, certFile, keyFile } = authority.issue("127.0.0.1");
  const key = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  const trusted = [createHash("sha256").update(key).digest("base64")];
  database = await testDatabase();
  const settings = { TLS_CERT: certFile, TLS_KEY: keyFile, DATABASE_URL: database.url };
  served = await ServedPage.start(settings, trusted);
}, startMs);
afterAll(async () => {
  await served?.stop();
  await database.drop();
  authority.remove();
});

test("with a certificate, the page comes over HTTPS, and connects over TLS to every door", async () => {
  expect(served.url).toMatch(/^https:/);
  const tab = await served.tab();
  const { player } = tab;
  const urls: string[] = [];
  player.on("websocket", (socket) => urls.push(socket.url()));
  await enter(player, "secured_ada");
  const { x, y } = await placeOf(player);
  await walkUntil(player, "ArrowRight", (at) => at.x > x && at.y === y);
  // One for each door, and one more at the login-server to register.
  expect(urls.filter((url) => url.startsWith("wss:"))).toHaveLength(4);
  expect(urls.filter((url) => !url.startsWith("wss:"))).toEqual([]);
  await player.close();
  expectQuiet(tab);
});
