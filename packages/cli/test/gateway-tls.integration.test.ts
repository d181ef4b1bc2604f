import { createClient, transportTo } from "@sallyport/sdk/node";
import { must, TestAuthority } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { GatewayCluster, host } from "./gateway-cluster.ts";
import { enter, select, walkEast } from "./player.ts";
import type { Settings } from "./started-servers.ts";

/* In these tests, clients use TLS to the gateway, and the gateway uses TLS to every server. */

let cluster: GatewayCluster;
let authority: TestAuthority;
let stranger: TestAuthority;
beforeAll(() => {
  authority = new TestAuthority("ours");
  stranger = new TestAuthority("theirs");
});
beforeEach(async () => {
  cluster = await GatewayCluster.open();
});
afterEach(() => cluster.close());
afterAll(() => {
  authority.remove();
  stranger.remove();
});

function certificate(): Settings {
  const { certFile, keyFile } = authority.issue(host);
  return { TLS_CERT: certFile, TLS_KEY: keyFile };
}

const trusting = (url: string) => createClient(transportTo(url, { ca: authority.certificate.cert }));

test("clients over TLS and over WebSocket reach servers with TLS doors through a gateway", async () => {
  const { ports, map, gateway } = await cluster.start({
    all: certificate(),
    gateway: { GATEWAY_SERVERS_CA: authority.certificate.certFile },
  });
  await map("map-1");
  const { clients, webSocket } = ports.login;
  const urls = { secured: `tls://${host}:${clients.port}`, page: `wss://${host}:${webSocket.port}` };
  for (const [name, url] of Object.entries(urls)) {
    const game = await enter(trusting(url), name);
    await walkEast(game, 2);
    must(await game.leave());
  }
  expect(gateway.output).not.toContain("does not take connections");
});

test("a gateway does not connect to a server whose certificate it does not trust, and logs which and why", async () => {
  const { ports, login, gateway } = await cluster.start({
    all: certificate(),
    gateway: { GATEWAY_SERVERS_CA: stranger.certificate.certFile },
  });
  const client = trusting(`tls://${host}:${ports.login.clients.port}`);
  await expect(select(client)).rejects.toThrow();
  await gateway.untilSays(
    /login-1 does not take connections \(127\.0\.0\.1:\d+: the certificate is not signed by a trusted authority/,
  );
  expect(login.output).not.toContain("account registered");
});
