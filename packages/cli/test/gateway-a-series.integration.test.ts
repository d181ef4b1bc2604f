import { ASeriesClient, type Place } from "@sallyport/foreign-clients";
import { until } from "@sallyport/testkit";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GatewayCluster, host } from "./gateway-cluster.ts";

let cluster: GatewayCluster;
beforeEach(async () => {
  cluster = await GatewayCluster.open();
});
afterEach(() => cluster.close());

const email = "someone@example.org";
const password = "correct horse";

const statusOf = async (place: Place, from: string): Promise<number | undefined> => {
  const client = await ASeriesClient.connect(place, from);
  const verified = await client.authenticates(email, password);
  // The gateway ends the connection when the login-server does.
  await client.stream.closed;
  return verified?.status;
};

async function banned(databaseUrl: string, address: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const text = "INSERT INTO network_bans (kind, network, reason) VALUES ('network', $1, $2)";
  await client.query(text, [`${address}/32`, "Not from there."]);
  await client.end();
}

test("A-series clients reach a login-server through a gateway with their own addresses; a ban hits one alone", async () => {
  const { login, gateway, map } = await cluster.start({
    all: { LOG_LEVEL: "debug", A_SERIES_PORT: "0" },
    gateway: { GATEWAY_A_SERIES_PORT: "0" },
  });
  await map("map-1");
  const [, port] = await gateway.untilSays(/"aSeries":\{"host":"127\.0\.0\.1","port":(\d+)\}/);
  const place = { host, port: Number(port) };
  const first = await ASeriesClient.connect(place, "127.0.0.31");
  expect(await first.registers(email, password)).toBe(137);
  await first.stream.closed;
  expect(await statusOf(place, "127.0.0.31")).toBe(200);
  expect(await statusOf(place, "127.0.0.32")).toBe(200);
  for (const address of ["127.0.0.31", "127.0.0.32"])
    await login.untilSays(new RegExp(`"remote":"${address.replaceAll(".", "\\.")}:\\d+"`));

  await banned(cluster.servers.database.url, "127.0.0.32");
  const isOut = async (): Promise<boolean> => (await statusOf(place, "127.0.0.32")) === 401;
  await until(isOut, { what: "the login-server knows of the ban" });
  expect(await statusOf(place, "127.0.0.31")).toBe(200);
});
