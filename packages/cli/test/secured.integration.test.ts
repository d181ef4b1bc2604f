import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { createClient, transportTo } from "@sallyport/sdk/node";
import {
  TestAuthority,
  type TestCertificate,
  type TestDatabase,
  testDatabase,
  until,
} from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { enter, walkEast } from "./player.ts";
import { portAfter, StartedServers } from "./started-servers.ts";

const folder = mkdtempSync(join(tmpdir(), "sallyport-secured-"));
const at = (name: string): string => join(folder, name);
const authority = new TestAuthority();
let database: TestDatabase;
/** Each server has its own certificate for links. All doors share one certificate, which one test renews. */
const servers = new StartedServers(() => {
  const link = authority.issue("127.0.0.1");
  return {
    DATABASE_URL: database.url,
    LOGIN_WS_PORT: "0",
    CHAR_WS_PORT: "0",
    MAP_WS_PORT: "0",
    TLS_CERT: at("cert.pem"),
    TLS_KEY: at("key.pem"),
    LINK_TLS_CERT: link.certFile,
    LINK_TLS_KEY: link.keyFile,
    LINK_TLS_CA: authority.certificate.certFile,
  };
});

beforeAll(async () => {
  database = await testDatabase();
});
afterEach(() => servers.kill());
afterAll(async () => {
  await database.drop();
  authority.remove();
  rmSync(folder, { recursive: true });
});

function put({ certFile, keyFile }: TestCertificate): void {
  copyFileSync(certFile, at("cert.pem"));
  copyFileSync(keyFile, at("key.pem"));
}

const ca = authority.certificate.cert;

/** Returns the certificate that the door shows to a new connection. */
const shownAt = (port: number): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ host: "127.0.0.1", port, ca }, () => {
      resolve(socket.getPeerX509Certificate()?.toString());
      socket.destroy();
    });
    socket.on("error", reject);
  });

test("three processes are one cluster over TLS and WebSocket, and renew their certificate while in use", async () => {
  const first = authority.issue("127.0.0.1");
  put(first);
  const { login, char, map } = await servers.start();
  const [port, wsPort] = [await portAfter(login, "clients"), await portAfter(login, "webSocket")];

  const byTls = await enter(createClient(transportTo(`tls://127.0.0.1:${port}`, { ca })));
  const there = await walkEast(byTls, 2);
  await byTls.leave();
  const byWebSocket = await enter(createClient(transportTo(`wss://127.0.0.1:${wsPort}`, { ca })));
  expect(byWebSocket.position).toMatchObject(there);
  expect(await shownAt(port)).toBe(first.cert);

  const second = authority.issue("127.0.0.1");
  writeFileSync(at("cert.pem"), "cut off in the mid");
  await login.untilSays(/certificate files cannot be used; the old certificate stays in use/);
  expect(await shownAt(port)).toBe(first.cert);
  put(second);
  await login.untilSays(/certificate renewed/);
  await map.untilSays(/certificate renewed/);
  expect(await shownAt(port)).toBe(second.cert);
  expect(await shownAt(wsPort)).toBe(second.cert);
  await walkEast(byWebSocket, 1);
  await byWebSocket.leave();
  expect(login.output + char.output + map.output).not.toContain("PRIVATE KEY");
});

test("a server with a certificate of another authority is not linked, and both logs say why", async () => {
  put(authority.issue("127.0.0.1"));
  const stranger = new TestAuthority();
  try {
    const login = servers.run("login");
    const LOGIN_LINK = `127.0.0.1:${await portAfter(login, "charServers")}`;
    const own = stranger.issue("127.0.0.1");
    // This server trusts the login-server, but the login-server does not trust it.
    const char = servers.run("char", { LOGIN_LINK, LINK_TLS_CERT: own.certFile, LINK_TLS_KEY: own.keyFile });
    await login.untilSays(
      /the certificate is not signed by a trusted authority.*no link: the TLS handshake failed/,
    );
    await char.untilSays(/"why":"no answer to the first request.*cannot link; trying again/);
    const distrustful = servers.run("char", { LOGIN_LINK, LINK_TLS_CA: stranger.certificate.certFile });
    await distrustful.untilSays(
      /the certificate is not signed by a trusted authority.*cannot link; trying again/,
    );
    const plain = servers.run("char", { LOGIN_LINK, LINK_TLS_CERT: "", LINK_TLS_KEY: "", LINK_TLS_CA: "" });
    await plain.untilSays(/cannot link; trying again/);
    await login.untilSays(/the other end does not speak TLS.*no link: the TLS handshake failed/);
    expect(login.output).not.toContain("char-server linked");
  } finally {
    stranger.remove();
  }
});

test("wrong certificate settings are reported, and nothing starts", async () => {
  put(authority.issue("127.0.0.1"));
  const server = servers.run("login", { TLS_KEY: at("none.pem"), LINK_TLS_CA: "" });
  await until(() => server.exitCode !== null, { what: "it ends" });
  expect(server.exitCode).toBe(1);
  expect(server.output).toContain(`TLS_KEY: cannot read ${at("none.pem")}: ENOENT`);
  expect(server.output).toContain("LINK_TLS_CA must be set together with LINK_TLS_CERT and LINK_TLS_KEY");
});
