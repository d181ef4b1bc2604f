import { ChatClient, LineClient, type Place } from "@sallyport/foreign-clients";
import { type SallyportProcess, until } from "@sallyport/testkit";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { GatewayCluster, host } from "./gateway-cluster.ts";
import { clientAt, enter } from "./player.ts";
import { startProcess } from "./server-process.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";
import type { Settings, StartedServers } from "./started-servers.ts";

/* Fronts in processes of their own, in front of real servers. */

const password = "correct horse";
/** Fronts connect from here, and other clients do not. */
const from = "127.0.0.3";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Front {
  readonly process: SallyportProcess;
  readonly chat: Place;
  readonly line: Place;
  readonly admin: number;
}

async function startFront(servers: StartedServers, loginPort: number, more: Settings = {}): Promise<Front> {
  const process = servers.run("front", {
    ...{ FRONT_LOGIN: `tcp://${host}:${loginPort}`, FRONT_FROM: from },
    ...{ CHAT_PORT: "0", LINE_PORT: "0", ADMIN_PORT: "0", ...more },
  });
  const [line] = await process.untilSays(/\{.*"front ready"\}/);
  const { doors } = JSON.parse(line) as { doors: Record<"chat" | "line", { clients: Place }> };
  const [, admin] = await process.untilSays(/"admin":\{"host":"127\.0\.0\.1","port":(\d+)\}/);
  return { process, chat: doors.chat.clients, line: doors.line.clients, admin: Number(admin) };
}

/** All of these servers have had a connection of the client at this address. */
async function haveSeen(address: string, servers: readonly SallyportProcess[]): Promise<void> {
  const seen = new RegExp(`"remote":"${address.replaceAll(".", "\\.")}:\\d+"`);
  for (const server of servers) await server.untilSays(seen);
}

async function inRoom(place: Place, name: string, at: string): Promise<ChatClient> {
  const client = await ChatClient.connect(place, at);
  await client.joins(name, password);
  return client;
}

async function banned(databaseUrl: string, address: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const text = "INSERT INTO network_bans (kind, network, reason) VALUES ('network', $1, $2)";
  await client.query(text, [`${address}/32`, "No chatting from there."]);
  await client.end();
}

test("clients of two fronts keep their addresses and survive a drain and a dead front; a ban hits one alone", async () => {
  const cluster = await SmallCluster.open({ LOG_LEVEL: "debug", MAP_STEP_MS: "20" });
  closing.push(() => cluster.close());
  const { login, char, all } = await cluster.world({ PROXY_FROM: from });
  const map = async (name: string, hosted: string): Promise<SallyportProcess> => {
    const server = cluster.run("map", { ...all, MAP_SERVER_NAME: name, MAPS_HOSTED: hosted });
    await server.untilSays(/map-server ready/);
    return server;
  };
  const land = await map("map-1", "harbour,forest,lighthouse");
  const tavern = await map("map-2", "tavern");
  const loginPort = Number(all["LOGIN_PORT"]);
  const [first, second] = [await startFront(cluster, loginPort), await startFront(cluster, loginPort)];
  const ready = await fetch(`http://${host}:${first.admin}/readyz`);
  expect(ready.status).toBe(200);

  // A new character begins in the harbour and goes to the tavern, which is on another map-server.
  const alice = await inRoom(first.chat, "alice", "127.0.0.21");
  await haveSeen("127.0.0.21", [login, char, land, tavern]);
  const bob = await LineClient.connect(second.line, "127.0.0.22");
  await bob.comesFirst("Bob", password);
  bob.types("room tavern");
  await bob.reads("of tavern");
  await alice.hears("Bob: [ CONNECTED ]");
  await haveSeen("127.0.0.22", [login, char, land, tavern]);
  // A client without a front has no header.
  const native = await enter(clientAt(loginPort), "native");

  const other = await map("map-3", "tavern");
  tavern.signal("SIGTERM");
  expect(await tavern.untilEnded()).toBe(0);
  await haveSeen("127.0.0.21", [other]);
  bob.types("say after the drain");
  await alice.hears("Bob: after the drain\n");

  await first.process.kill();
  const again = await inRoom(second.chat, "alice", "127.0.0.21");
  bob.types("say welcome back");
  await again.hears("Bob: welcome back\n");

  await banned(cluster.database.url, "127.0.0.21");
  expect(await again.secure()).toMatch(/^SERVER: \[ ALERT \] .*No chatting from there\.$/);
  await again.stream.closed;
  const refused = await ChatClient.connect(second.chat, "127.0.0.21");
  expect(await refused.tries("alice", password)).toBe("FAILURE");
  // Nobody beside it is hit: the same account from another address, and a client of the same front.
  const moved = await inRoom(second.chat, "alice", "127.0.0.25");
  bob.types("say still here");
  await moved.hears("Bob: still here\n");

  expect(native.isOpen).toBe(true);
  await native.leave();
});

test("behind a gateway a ban hits one client of a front; the front drains on SIGTERM, and ends when the last has left", async () => {
  const cluster = await GatewayCluster.open();
  closing.push(() => cluster.close());
  // The front goes through a gateway, which is a proxy for the servers as the front is one for the gateway.
  const { ports, map, login, gateway } = await cluster.start({
    all: { LOG_LEVEL: "debug" },
    gateway: { PROXY_FROM: from },
  });
  const land = await map("map-1");
  const { process, chat } = await startFront(cluster.servers, ports.login.clients.port, {
    FRONT_DRAIN_WITHIN_MS: "60000",
    FRONT_SERVERS_HOST: host,
  });
  const carla = await inRoom(chat, "carla", "127.0.0.23");
  await haveSeen("127.0.0.23", [gateway, login, land]);

  const dora = await inRoom(chat, "dora", "127.0.0.24");
  await carla.hears("dora: [ CONNECTED ]");
  await banned(cluster.servers.database.url, "127.0.0.24");
  expect(await dora.secure()).toMatch(/^SERVER: \[ ALERT \] .*No chatting from there\.$/);
  await dora.stream.closed;
  await carla.hears("dora: [ DISCONNECTED ]");
  const refused = await ChatClient.connect(chat, "127.0.0.24");
  expect(await refused.tries("dora", password)).toBe("FAILURE");
  // The same account from another address.
  const moved = await inRoom(chat, "dora", "127.0.0.26");
  moved.says("disconnect");
  await moved.stream.closed;
  refused.stream.destroy();

  process.signal("SIGTERM");
  await process.untilSays(/"draining"/);
  const late = () =>
    ChatClient.connect(chat).then(
      (client) => client.stream.destroy(),
      () => true,
    );
  await until(late, { what: "the port to be closed" });
  carla.says("disconnect");
  await carla.stream.closed;
  expect(await process.untilEnded()).toBe(0);
  expect(process.output).toContain('"drained"');
});

test("a front says which port it needs if none is set", async () => {
  const front = startProcess(["front"], {});
  closing.push(() => front.kill());
  expect(await front.untilEnded()).toBe(1);
  expect(front.output).toMatch(/one of .*LINE_PORT.* must be set/);
});

test("a person who logs in while the login-server of the world is dead waits, and plays when another has the world", async () => {
  // Longer than clients on a map wait, so that the login cannot succeed by luck.
  const cluster = await SmallCluster.open({ TIMER_LEASE_MS: "4500", PROXY_FROM: from });
  closing.push(() => cluster.close());
  const logins = [cluster.run("login"), cluster.run("login")] as const;
  const links = await Promise.all(logins.map((login) => portAfter(login, "charServers")));
  const char = cluster.run("char", { LOGIN_LINK: links.map((port) => `${host}:${port}`).join() });
  const CHAR_LINK = `${host}:${await portAfter(char, "mapServers")}`;
  await cluster.run("map", { CHAR_LINK }).untilSays(/map-server ready/);
  const isLinked = (login: SallyportProcess): boolean => login.output.includes('"char-server linked"');
  const linked = await until(() => logins.find(isLinked) ?? null, { what: "the char-server to be linked" });
  const other = linked === logins[0] ? logins[1] : logins[0];
  const { line } = await startFront(cluster, await portAfter(other, "clients"));
  const before = await LineClient.connect(line);
  await before.comesFirst("Nell", password);
  before.types("quit");
  await before.reads("Goodbye.");

  await linked.kill();
  await char.untilSays(/"link lost"/);
  const person = await LineClient.connect(line);
  await person.comesBack("Nell", password);
  expect(person.text).not.toContain("at the moment");
});
