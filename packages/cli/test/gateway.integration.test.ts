import net from "node:net";
import { systemClock } from "@sallyport/clock";
import { profiles, RagnarokClient, walkTo } from "@sallyport/ragnarok-load";
import { type Client, createClient } from "@sallyport/sdk";
import { transportTo } from "@sallyport/sdk/node";
import { must, TestAuthority, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayCluster, host, mapEnter, type Ports } from "./gateway-cluster.ts";
import { clientAt, enter, walkEast } from "./player.ts";
import { portAfter } from "./started-servers.ts";

/* These tests run a whole cluster behind one gateway. Clients only get addresses of the gateway. */

/** A warp on this cell of the harbour leads to the forest. */
const onWarp = { x: 41, y: 1 };
let cluster: GatewayCluster;

beforeEach(async () => {
  cluster = await GatewayCluster.open();
});
afterEach(() => cluster.close());

const overWebSocket = (port: number): Client => createClient(transportTo(`ws://${host}:${port}`));

describe("behind one gateway,", () => {
  test("a client logs in, plays, and walks on to another map-server", async () => {
    const { ports, map, gateway } = await cluster.start();
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

  test("so does a client in a page over WebSocket, although no server has a WebSocket door", async () => {
    const { ports, map } = await cluster.start();
    await map("map-1");
    const game = await enter(overWebSocket(ports.login.webSocket.port), "browser");
    await walkEast(game, 2);
    must(await game.leave());
  });

  test("so does a client over TLS, which ends at the gateway", async () => {
    const authority = new TestAuthority();
    const { certFile, keyFile } = authority.issue(host);
    const { ports, map } = await cluster.start({ gateway: { TLS_CERT: certFile, TLS_KEY: keyFile } });
    await map("map-1");
    const url = `tls://${host}:${ports.login.clients.port}`;
    const client = createClient(transportTo(url, { ca: authority.certificate.cert }));
    authority.remove();
    const game = await enter(client, "secured");
    await walkEast(game, 2);
    must(await game.leave());
  });

  test("a Ragnarok client goes back to character select, enters again, and hops to another map-server", async () => {
    const { ports, map } = await cluster.start();
    await map("map-1", { MAPS_HOSTED: "harbour" });
    await map("map-2", { MAPS_HOSTED: "forest" });
    const client = new RagnarokClient({
      login: { host, port: ports.login.ragnarok.port },
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

  test("a player whose map-server dies is disconnected, and enters again with the next login", async () => {
    const { ports, map, gateway } = await cluster.start();
    const doomed = await map("map-1");
    const client = clientAt(ports.login.clients.port);
    const game = await enter(client, "survivor");
    doomed.signal("SIGKILL");
    await game.closed;
    await gateway.untilSays(/closed by the server/);
    await map("map-2");
    const again = await until(() => enter(client, "survivor"), {
      what: "the next login gets in",
    });
    must(await again.leave());
  });

  test("servers count connections by the client address that the gateway sends", async () => {
    const { ports, map } = await cluster.start({ maps: { MAP_CLIENTS_PER_ADDRESS_MAX: "1" } });
    const server = await map("map-1");
    const port = ports.map.clients.port;
    const game = await enter(clientAt(ports.login.clients.port), "counted");
    // This client has a different address, because 127.0.0.1 already has the only connection that it is
    // allowed to have.
    const other = net.connect({ host, port, localAddress: "127.0.0.2" });
    const same = net.connect({ host, port });
    for (const socket of [other, same]) socket.on("error", () => {});
    other.write(mapEnter);
    const answer = new Promise((resolve) => other.once("data", resolve));
    same.write(mapEnter);
    await until(() => same.destroyed || same.readableEnded, { what: "the second one is closed" });
    expect(await answer).toBeInstanceOf(Buffer);
    await server.untilSays(
      /"why":"address".*"variable":"MAP_CLIENTS_PER_ADDRESS_MAX".*client connections refused/,
    );
    must(await game.leave());
    other.destroy();
  });
});

describe("the gateway itself", () => {
  test("logs the clients for which it finds no server, and is ready once there is a map-server", async () => {
    const gateway = cluster.servers.run("gateway", {
      WORLD_NAME: "Nowhere",
      GATEWAY_MAP_PORT: "0",
      ADMIN_PORT: "0",
    });
    const [line] = await gateway.untilSays(/\{.*"gateway ready"\}/);
    const { map } = (JSON.parse(line) as { readonly doors: Pick<Ports, "map"> }).doors;
    const admin = await portAfter(gateway, "admin");
    const readiness = async (): Promise<unknown> => (await fetch(`http://${host}:${admin}/readyz`)).json();
    expect(await readiness()).toMatchObject({ ready: false, checks: { "a map-server is up": "no" } });
    const socket = net.connect({ host, port: map.clients.port });
    socket.on("error", () => {});
    socket.write(mapEnter);
    await until(() => socket.destroyed || socket.readableEnded, { what: "it is closed" });
    await gateway.untilSays(/"why":"no-server","connections":1.*connections failed/);
    const metrics = await (await fetch(`http://${host}:${admin}/metrics`)).text();
    expect(metrics).toContain('sallyport_gateway_routes_total{door="map",outcome="nobody"} 1');
    const ended = 'door="map",why="no-server",transport="tcp",dialect="native"';
    expect(metrics).toContain(`sallyport_clients_ended_total{${ended}} 1`);
  });

  test("reports all wrong settings at once", async () => {
    const gateway = cluster.servers.run("gateway", {
      REDIS_URL: "",
      GATEWAY_WAITING_BYTES: "1",
      PROXY_FROM: "here",
    });
    expect(await gateway.untilEnded()).toBe(1);
    for (const variable of ["REDIS_URL", "GATEWAY_WAITING_BYTES", "PROXY_FROM"])
      expect(gateway.output).toContain(variable);
  });
});
