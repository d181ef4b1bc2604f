import net from "node:net";
import type { Game } from "@sallyport/sdk";
import { must, type SallyportProcess, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GatewayCluster, host } from "./gateway-cluster.ts";
import { clientAt, enter, walkEast } from "./player.ts";
import { startProcess } from "./server-process.ts";
import { portAfter, type Settings } from "./started-servers.ts";

/** A warp on this cell of the harbour leads to the forest. */
const onWarp = { x: 41, y: 1 };
const long = { GATEWAY_DRAIN_WITHIN_MS: "600000" };
let cluster: GatewayCluster;
beforeEach(async () => {
  cluster = await GatewayCluster.open();
});
afterEach(() => cluster.close());

async function playThrough(settings: Settings) {
  const started = await cluster.start({ all: { ADMIN_PORT: "0" }, gateway: settings });
  await started.map("map-1");
  const game = await enter(clientAt(started.ports.login.clients.port));
  return { ...started, game };
}

/** Connects a new client. Returns true if the gateway refuses it. */
async function isTurnedAway(port: number): Promise<boolean> {
  const socket = net.connect({ host, port });
  let wasIn = false;
  socket.on("error", () => {});
  socket.on("connect", () => {
    wasIn = true;
  });
  await new Promise((resolve) => socket.once("close", resolve));
  return !wasIn;
}

async function endsWith(game: Game, gateway: SallyportProcess, code: number): Promise<void> {
  await game.closed;
  expect(await gateway.untilEnded()).toBe(code);
}

test("at SIGTERM it refuses new connections, keeps the players, and ends with the last of them", async () => {
  const { gateway, login, ports, game } = await playThrough(long);
  const readyz = `http://${host}:${await portAfter(gateway, "admin")}/readyz`;
  expect((await fetch(readyz)).status).toBe(200);
  gateway.signal("SIGTERM");
  await gateway.untilSays(/"connections":1,"withinMs":600000,"msg":"draining"/);
  const readiness = await fetch(readyz);
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toMatchObject({ ready: false, checks: { "not stopping": "no" } });
  for (const { clients, webSocket } of [ports.login, ports.char, ports.map])
    for (const { port } of [clients, webSocket]) expect(await isTurnedAway(port)).toBe(true);

  const admin = `http://${host}:${await portAfter(login, "admin")}`;
  const listed = async (): Promise<string> => {
    const servers = startProcess(["servers", "--admin", admin], {});
    await servers.untilEnded();
    return servers.output;
  };
  await until(async () => /gateway-1 .*draining/.test(await listed()), { what: "it is listed as draining" });

  await walkEast(game, 2);
  expect(gateway.exitCode).toBeNull();
  must(await game.leave());
  await endsWith(game, gateway, 0);
  expect(gateway.output).toMatch(/"connections":0,"why":"empty","msg":"drained"/);
  expect(await listed()).not.toContain("gateway-1");
});

test("a player that hops to another map-server moves to another gateway, and plays on", async () => {
  const { gateway, ports, map } = await cluster.start({ gateway: long });
  const other = await cluster.startGateway({ GATEWAY_NAME: "gateway-2" });
  await map("map-1", { MAPS_HOSTED: "harbour" });
  await map("map-2", { MAPS_HOSTED: "forest", MAP_PUBLIC_PORT: String(other.ports.map.clients.port) });
  const game = await enter(clientAt(ports.login.clients.port));
  gateway.signal("SIGTERM");
  await gateway.untilSays(/"msg":"draining"/);
  must(await game.walk(onWarp.x, onWarp.y));
  await until(() => game.hops === 1, { what: "the client is on the other map-server" });
  expect(await gateway.untilEnded()).toBe(0);
  expect(gateway.output).toContain('"msg":"drained"');
  must(await game.leave());
});

test("the connections that are left after GATEWAY_DRAIN_WITHIN_MS end with it", async () => {
  const { gateway, game } = await playThrough({ GATEWAY_DRAIN_WITHIN_MS: "200" });
  gateway.signal("SIGTERM");
  await endsWith(game, gateway, 0);
  expect(gateway.output).toMatch(/"connections":1,"why":"too late","msg":"not drained"/);
});

test("a gateway that is killed costs its connections and nothing else", async () => {
  const { gateway, ports, game } = await playThrough({});
  const there = await walkEast(game, 2);
  await gateway.kill();
  expect((await game.closed).reason).toBe("disconnected");
  // The new gateway listens on the ports that the clients already know.
  await cluster.startGateway({
    GATEWAY_LOGIN_PORT: String(ports.login.clients.port),
    GATEWAY_CHAR_PORT: String(ports.char.clients.port),
    GATEWAY_MAP_PORT: String(ports.map.clients.port),
  });
  const back = await enter(clientAt(ports.login.clients.port));
  expect(back.position).toMatchObject(there);
  must(await back.leave());
});

test("a second signal ends all connections at once", async () => {
  const { gateway, game } = await playThrough(long);
  gateway.signal("SIGTERM");
  await gateway.untilSays(/"msg":"draining"/);
  await until(
    () => {
      // Two signals at the same moment would count as one, so the signal is repeated.
      gateway.signal("SIGTERM");
      return gateway.output.includes("stopping (a second");
    },
    { what: "it stops" },
  );
  await endsWith(game, gateway, 0);
});

test("SIGINT ends all connections at once", async () => {
  const { gateway, game } = await playThrough(long);
  gateway.signal("SIGINT");
  await endsWith(game, gateway, 0);
  expect(gateway.output).not.toContain("draining");
});
