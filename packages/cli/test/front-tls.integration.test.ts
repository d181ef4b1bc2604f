import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { ByteStream, ChatClient, LineClient, type Place } from "@sallyport/foreign-clients";
import { TestAuthority, type TestCertificate } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { SmallCluster } from "./small-cluster.ts";

/* TLS on the ports of a front. The servers behind it have none. */

const host = "127.0.0.1";
const password = "correct horse";
const from = "127.0.0.3";
let authority: TestAuthority;
let cluster: SmallCluster;
beforeAll(() => {
  authority = new TestAuthority();
});
beforeEach(async () => {
  cluster = await SmallCluster.open({ LOG_LEVEL: "debug", MAP_STEP_MS: "20" });
});
afterEach(() => cluster.close());
afterAll(() => authority.remove());

const at = (name: string): string => join(authority.folder, name);
function put({ certFile, keyFile }: TestCertificate): void {
  copyFileSync(certFile, at("front.pem"));
  copyFileSync(keyFile, at("front.key"));
}

interface Port {
  readonly clients: Place;
  readonly tls?: true;
}

test("clients of both protocols use TLS, and a renewed certificate; without TLS they come only where it is off", async () => {
  put(authority.issue(host));
  const { login, all } = await cluster.world({ PROXY_FROM: from });
  await cluster.run("map", all).untilSays(/map-server ready/);
  const toServers = { FRONT_LOGIN: `tcp://${host}:${all["LOGIN_PORT"]}`, FRONT_FROM: from };
  const front = cluster.run("front", {
    ...{ ...toServers, CHAT_PORT: "0", LINE_PORT: "0" },
    ...{ TLS_CERT: at("front.pem"), TLS_KEY: at("front.key") },
  });
  const [ready] = await front.untilSays(/\{.*"front ready"\}/);
  const { doors } = JSON.parse(ready) as { readonly doors: { readonly chat: Port; readonly line: Port } };
  expect([doors.chat.tls, doors.line.tls]).toEqual([true, true]);
  const secured = ({ clients }: Port): Place => ({ ...clients, tls: { ca: authority.certificate.cert } });

  const alice = await ChatClient.connect(secured(doors.chat), "127.0.0.21");
  await alice.joins("alice", password);
  const bob = await LineClient.connect(secured(doors.line), "127.0.0.22");
  await bob.comesFirst("Bob", password);
  bob.types("room tavern");
  await alice.hears("Bob: [ CONNECTED ]");
  alice.says("nobody on the way reads this");
  await bob.reads("nobody on the way reads this");
  for (const address of ["127.0.0.21", "127.0.0.22"])
    await login.untilSays(new RegExp(`"remote":"${address.replaceAll(".", "\\.")}:\\d+"`));

  // A client without TLS is closed. One that does not trust the authority does not come either.
  const plain = await ByteStream.open(doors.line.clients);
  plain.send(Buffer.from("alice\n"));
  await plain.closed;
  expect(plain.unread.toString("latin1")).not.toContain("Password");
  await expect(LineClient.connect({ ...doors.line.clients, tls: {} })).rejects.toThrow();

  put(authority.issue(host));
  await front.untilSays(/certificate renewed/);
  const carla = await LineClient.connect(secured(doors.line));
  await carla.reads("Name:");

  const second = cluster.run("front", {
    ...{ ...toServers, LINE_PORT: "0", LINE_TLS: "no" },
    ...{ TLS_CERT: at("front.pem"), TLS_KEY: at("front.key") },
  });
  const [other] = await second.untilSays(/\{.*"front ready"\}/);
  const { line } = (JSON.parse(other) as { readonly doors: { readonly line: Port } }).doors;
  expect(line.tls).toBeUndefined();
  const dave = await LineClient.connect(line.clients);
  await dave.reads("Name:");
  expect(front.output + second.output).not.toContain("PRIVATE KEY");
});
