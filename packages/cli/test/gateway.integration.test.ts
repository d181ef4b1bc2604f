import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mapDoorMessages } from "@sallyport/dialects/native";
import { AccountId, CharId, LoginId } from "@sallyport/domain";
import { systemClock } from "@sallyport/link";
import { profiles, RagnarokClient, walkTo } from "@sallyport/ragnarok-load";
import { type Client, createClient } from "@sallyport/sdk";
import { transportTo } from "@sallyport/sdk/node";
import {
  type RunningRedis,
  startRedis,
  TestAuthority,
  type TestDatabase,
  testDatabase,
  until,
} from "@sallyport/testkit";
import { encodeFrame, MessageCodec } from "@sallyport/wire";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clientAt, enter, must, walkEast } from "./player.ts";
import { build, type ServerProcess } from "./server-process.ts";
import { portAfter, type Settings, StartedServers } from "./started-servers.ts";

/* A whole cluster behind one gateway, as processes. What clients are told of doors are the gateway's alone. */

const host = "127.0.0.1";
const tiers = ["LOGIN", "CHAR", "MAP"] as const;
/** Of the harbour; it leads to the forest. */
const onWarp = { x: 41, y: 1 };
let redis: RunningRedis;
let database: TestDatabase;
let data: string;
const servers = new StartedServers(() => ({
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  SALLYPORT_DATA: data,
  ...Object.fromEntries(tiers.map((of) => [`RAGNAROK_${of}_PORT`, "0"])),
  RAGNAROK_REGISTRATION: "yes",
  WORLD_SPAWN: "harbour:41,4",
  TIMER_LEASE_MS: "500",
  TIMER_RECONNECT_MS: "1500",
  TIMER_RECLAIM_MS: "1500",
  MAP_STEP_MS: "20",
}));

beforeAll(build);
beforeEach(async () => {
  redis = await startRedis();
  database = await testDatabase();
  data = mkdtempSync(join(tmpdir(), "sallyport-gateway-"));
});
afterEach(async () => {
  await servers.kill();
  await database.drop();
  await redis.stop();
  rmSync(data, { recursive: true, force: true });
});

interface Door {
  readonly clients: { readonly port: number };
  readonly webSocket: { readonly port: number };
}
type Ports = { readonly [D in "login" | "char" | "map"]: Door } & {
  readonly [D in "loginRagnarok" | "charRagnarok" | "mapRagnarok"]: { readonly port: number };
};

async function startGateway(more: Settings = {}) {
  const every = (kind: string): Settings =>
    Object.fromEntries(tiers.map((of) => [kind.replace("*", of), "0"]));
  const gateway = servers.run("gateway", {
    ...every("GATEWAY_*_PORT"),
    ...every("GATEWAY_*_WS_PORT"),
    ...every("GATEWAY_RAGNAROK_*_PORT"),
    LOG_LEVEL: "debug",
    ...more,
  });
  const [line] = await gateway.untilSays(/\{.*"gateway ready"\}/);
  return { gateway, ports: JSON.parse(line) as Ports };
}

/** Where clients are sent: to the gateway, whatever they speak. */
const sentTo = (tier: "CHAR" | "MAP", door: Door, ragnarok: { readonly port: number }): Settings => ({
  [`${tier}_PUBLIC_PORT`]: String(door.clients.port),
  [`${tier}_PUBLIC_WS_URL`]: `ws://${host}:${door.webSocket.port}`,
  [`RAGNAROK_${tier}_PUBLIC_PORT`]: String(ragnarok.port),
});

/** Servers to which nobody connects but the gateway, which says who for. */
async function cluster(of: { readonly maps?: Settings; readonly gateway?: Settings } = {}) {
  const { gateway, ports } = await startGateway(of.gateway);
  const { all } = await servers.world({
    PROXY_FROM: host,
    ...sentTo("CHAR", ports.char, ports.charRagnarok),
    ...sentTo("MAP", ports.map, ports.mapRagnarok),
  });
  const map = async (MAP_SERVER_NAME: string, more: Settings = {}): Promise<ServerProcess> => {
    const server = servers.run("map", { ...all, MAP_SERVER_NAME, ...of.maps, ...more });
    await server.untilSays(/map-server ready/);
    return server;
  };
  return { gateway, ports, map };
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
    must(await game.walk(onWarp.x, onWarp.y));
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

  test("a client over TLS does so, which ends at the gateway", async () => {
    const authority = new TestAuthority();
    const { certFile, keyFile } = authority.issue(host);
    const { ports, map } = await cluster({ gateway: { TLS_CERT: certFile, TLS_KEY: keyFile } });
    await map("map-1");
    const url = `tls://${host}:${ports.login.clients.port}`;
    const client = createClient(transportTo(url, { ca: authority.certificate.cert }));
    authority.remove();
    const game = await enter(client, "secured");
    await walkEast(game, 2);
    must(await game.leave());
  });

  test("a Ragnarok client goes back to its characters, in again, and on to another map-server", async () => {
    const { ports, map } = await cluster();
    await map("map-1", { MAPS_HOSTED: "harbour" });
    await map("map-2", { MAPS_HOSTED: "forest" });
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
    const onWay = walkTo(client, onWarp, { clock: systemClock, withinMs: 20_000, askEveryMs: 25 });
    await client.until("it is in the forest", () => client.place?.map === "forest");
    await onWay.catch(() => null);
    await client.say("over the bridge");
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
    const { ports, map } = await cluster({ maps: { MAP_CLIENTS_PER_ADDRESS_MAX: "1" } });
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
    const gateway = servers.run("gateway", { WORLD_NAME: "Nowhere", GATEWAY_MAP_PORT: "0", ADMIN_PORT: "0" });
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
    const gateway = servers.run("gateway", { REDIS_URL: "", GATEWAY_WAITING_BYTES: "1", PROXY_FROM: "here" });
    expect(await gateway.untilEnded()).toBe(1);
    for (const variable of ["REDIS_URL", "GATEWAY_WAITING_BYTES", "PROXY_FROM"])
      expect(gateway.output).toContain(variable);
  });
});
