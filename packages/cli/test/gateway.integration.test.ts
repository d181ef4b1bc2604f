import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mapDoorMessages } from "@sallyport/dialects/native";
import { AccountId, CharId, LoginId } from "@sallyport/domain";
import { profiles, RagnarokClient } from "@sallyport/ragnarok-load";
import { type Client, createClient } from "@sallyport/sdk";
import { transportTo } from "@sallyport/sdk/node";
import { type RunningRedis, startRedis, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { encodeFrame, MessageCodec } from "@sallyport/wire";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clientAt, enter, must, walkEast } from "./player.ts";
import { build, ServerProcess } from "./server-process.ts";

/* A whole cluster behind one gateway, as processes. What clients are told of doors are the gateway's alone. */

const host = "127.0.0.1";
let redis: RunningRedis;
let database: TestDatabase;
let data: string;
const started: ServerProcess[] = [];

beforeAll(build);
beforeEach(async () => {
  redis = await startRedis();
  database = await testDatabase();
  data = mkdtempSync(join(tmpdir(), "sallyport-gateway-"));
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
  await database.drop();
  await redis.stop();
  rmSync(data, { recursive: true, force: true });
});

type Environment = Record<string, string>;

function run(name: "login" | "char" | "map" | "gateway", environment: Environment): ServerProcess {
  const server = new ServerProcess([name], {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    SALLYPORT_DATA: data,
    CHAR_SERVERS: "alpha:secret",
    CHAR_PASSWORD: "secret",
    // The gateway is the only one that connects, and it says who for.
    ...(name === "gateway" ? {} : { PROXY_FROM: host }),
    ...Object.fromEntries(
      ["LOGIN", "LOGIN_LINK", "CHAR", "CHAR_LINK", "MAP"].map((of) => [`${of}_PORT`, "0"]),
    ),
    ...Object.fromEntries(["LOGIN", "CHAR", "MAP"].map((of) => [`RAGNAROK_${of}_PORT`, "0"])),
    RAGNAROK_REGISTRATION: "yes",
    TIMER_LEASE_MS: "500",
    TIMER_RECONNECT_MS: "1500",
    TIMER_RECLAIM_MS: "1500",
    MAP_STEP_MS: "20",
    ...environment,
  });
  started.push(server);
  return server;
}

const portAfter = async (server: ServerProcess, name: string): Promise<string> =>
  (await server.untilSays(new RegExp(`"${name}":\\{"host":"127\\.0\\.0\\.1","port":(\\d+)\\}`)))[1] ?? "";

interface Door {
  readonly clients: { readonly port: number };
  readonly webSocket: { readonly port: number };
}
type Ports = { readonly [D in "login" | "char" | "map"]: Door } & {
  readonly [D in "loginRagnarok" | "charRagnarok" | "mapRagnarok"]: { readonly port: number };
};

async function startGateway(): Promise<{ readonly gateway: ServerProcess; readonly ports: Ports }> {
  const every = (kind: string): Environment =>
    Object.fromEntries(["LOGIN", "CHAR", "MAP"].map((of) => [kind.replace("*", of), "0"]));
  const gateway = run("gateway", {
    ...every("GATEWAY_*_PORT"),
    ...every("GATEWAY_*_WS_PORT"),
    ...every("GATEWAY_RAGNAROK_*_PORT"),
    LOG_LEVEL: "debug",
  });
  const [line] = await gateway.untilSays(/\{.*"gateway ready"\}/);
  return { gateway, ports: JSON.parse(line) as Ports };
}

/** Where clients are sent: to the gateway, whatever they speak. */
const sentTo = (tier: "CHAR" | "MAP", door: Door, ragnarok: { readonly port: number }): Environment => ({
  [`${tier}_PUBLIC_PORT`]: String(door.clients.port),
  [`${tier}_PUBLIC_WS_URL`]: `ws://${host}:${door.webSocket.port}`,
  [`RAGNAROK_${tier}_PUBLIC_PORT`]: String(ragnarok.port),
});

async function cluster(ofMaps: Environment = {}) {
  const { gateway, ports } = await startGateway();
  const login = run("login", {});
  const LOGIN_LINK = `${host}:${await portAfter(login, "charServers")}`;
  const char = run("char", { LOGIN_LINK, ...sentTo("CHAR", ports.char, ports.charRagnarok) });
  const CHAR_LINK = `${host}:${await portAfter(char, "mapServers")}`;
  const map = async (MAP_SERVER_NAME: string, more: Environment = {}): Promise<ServerProcess> => {
    const server = run("map", {
      CHAR_LINK,
      MAP_SERVER_NAME,
      ...sentTo("MAP", ports.map, ports.mapRagnarok),
      ...ofMaps,
      ...more,
    });
    await server.untilSays(/map-server ready/);
    return server;
  };
  return { gateway, ports, login, char, map };
}

/** Shows an account that nobody has. */
const mapEnter = encodeFrame(
  "request",
  1,
  new MessageCodec(mapDoorMessages).encode(
    { type: "map.enter", accountId: AccountId(4_000_000), charId: CharId(1), loginId1: LoginId(1) },
    5_000,
  ),
);

const overWebSocket = (port: number): Client => createClient(transportTo(`ws://${host}:${port}`));

describe("behind one gateway", () => {
  test("a client logs in, plays, and walks on to another map-server", async () => {
    const { ports, map, gateway } = await cluster();
    await map("map-1", { MAPS_HOSTED: "harbour" });
    const forest = await map("map-2", { MAPS_HOSTED: "forest" });
    const game = await enter(clientAt(ports.login.clients.port));
    must(await game.walk(41, 1));
    await until(() => game.hops === 1, { what: "the client is on the other map-server" });
    expect(game.position.map).toBe("forest");
    must(await game.leave());
    await forest.untilSays(/"left"/);
    gateway.signal("SIGTERM");
    expect(await gateway.untilEnded()).toBe(0);
  });

  test("a page's client does so over WebSocket, though no server is open to any", async () => {
    const { ports, map } = await cluster();
    await map("map-1");
    const game = await enter(overWebSocket(ports.login.webSocket.port), "browser");
    await walkEast(game, 2);
    must(await game.leave());
  });

  test("a Ragnarok client logs in, plays, goes back to its characters, and in again", async () => {
    const { ports, map } = await cluster();
    await map("map-1");
    const client = new RagnarokClient({
      login: { host, port: ports.loginRagnarok.port },
      account: "ragna",
      password: "secret",
      profile: profiles[20100105],
    });
    const enterMap = async (): Promise<void> => {
      expect((await client.enterChar()).type).toBe("HC_ACCEPT_ENTER");
      expect((await client.select(0)).type).toBe("HC_NOTIFY_ZONESVR");
      expect((await client.enterMap()).type).toBe("ZC_ACCEPT_ENTER2");
      await client.time();
    };
    expect((await client.login("ragna_M")).type).toBe("AC_ACCEPT_LOGIN");
    await enterMap();
    expect(await client.restart()).toMatchObject({ code: 1 });
    await enterMap();
    await client.leave();
    expect(client.faults).toEqual([]);
  });

  test("a player whose map-server dies is cut off, and comes in again with the next login", async () => {
    const { ports, map, gateway } = await cluster();
    const doomed = await map("map-1");
    const client = clientAt(ports.login.clients.port);
    const game = await enter(client, "survivor");
    doomed.signal("SIGKILL");
    await game.closed;
    await gateway.untilSays(/closed by the server/);
    await map("map-2");
    const again = await until(() => enter(client, "survivor"), {
      what: "the next login gets in",
      timeoutMs: 30_000,
    });
    must(await again.leave());
  });

  test("servers count the connections of an address by where the gateway says they come from", async () => {
    const { ports, map } = await cluster({ MAP_CLIENTS_PER_ADDRESS_MAX: "1", LOG_LEVEL: "debug" });
    const server = await map("map-1");
    const port = ports.map.clients.port;
    const game = await enter(clientAt(ports.login.clients.port), "counted");
    // Of another address: 127.0.0.1 has its one connection.
    const other = net.connect({ host, port, localAddress: "127.0.0.2" });
    const same = net.connect({ host, port });
    for (const socket of [other, same]) socket.on("error", () => {});
    other.write(mapEnter);
    const answer = new Promise((resolve) => other.once("data", resolve));
    same.write(mapEnter);
    await until(() => same.destroyed || same.readableEnded, { what: "the second one is closed" });
    expect(await answer).toBeInstanceOf(Buffer);
    await server.untilSays(/"connections":1.*connections turned away/);
    must(await game.leave());
    other.destroy();
  });
});

describe("the gateway itself", () => {
  test("says who it leads nowhere, and is ready once there is a map-server", async () => {
    const gateway = run("gateway", { WORLD_NAME: "Nowhere", GATEWAY_MAP_PORT: "0", ADMIN_PORT: "0" });
    const [line] = await gateway.untilSays(/\{.*"gateway ready"\}/);
    const { map } = JSON.parse(line) as Pick<Ports, "map">;
    const admin = await portAfter(gateway, "admin");
    const readiness = async (): Promise<unknown> => (await fetch(`http://${host}:${admin}/readyz`)).json();
    expect(await readiness()).toMatchObject({ ready: false, checks: { "a map-server is up": "no" } });
    const socket = net.connect({ host, port: map.clients.port });
    socket.on("error", () => {});
    socket.write(mapEnter);
    await until(() => socket.destroyed || socket.readableEnded, { what: "it is closed" });
    await gateway.untilSays(/"no-server":1.*connections that came to nothing/);
    const metrics = await (await fetch(`http://${host}:${admin}/metrics`)).text();
    expect(metrics).toContain('sallyport_gateway_routes_total{door="map",outcome="nobody"} 1');
  });

  test("tells of settings that are not right, all at once", async () => {
    const gateway = run("gateway", { REDIS_URL: "", GATEWAY_WAITING_BYTES: "1", PROXY_FROM: "here" });
    expect(await gateway.untilEnded()).toBe(1);
    for (const variable of ["REDIS_URL", "GATEWAY_WAITING_BYTES", "PROXY_FROM"])
      expect(gateway.output).toContain(variable);
  });
});
