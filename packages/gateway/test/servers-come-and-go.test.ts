import { type Presence } from "@sallyport/directory";
import { Unavailable } from "@sallyport/domain";
import { connectTcp } from "@sallyport/link/tcp";
import { ManualClock, until } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { enters, join, joinedAt, open, server } from "./gateway-scene.ts";

describe("while the directory does not answer", () => {
  test("clients are led to the servers that were up before", async () => {
    const only = await server("map-1");
    let isAway = false;
    const list = async (): Promise<readonly Presence[]> => {
      if (isAway) throw new Unavailable("the directory is away");
      return [only.presence];
    };
    const { connect, gateway } = await open({ options: { directory: { list } } });
    isAway = true;
    await gateway.look();
    const client = await connect();
    client.channel.send(enters);
    await (await joinedAt(only)).hears(enters);
  });
});

describe("a server that is off the list", () => {
  test("keeps its clients as long as it sends anything", async () => {
    const only = await server("map-1");
    const listed = [only.presence];
    const clock = new ManualClock();
    const options = { directory: { list: async () => listed } };
    const changed = { host: { clock }, bounds: { goneMs: 3_000 }, options };
    const { client, there, gateway } = await join({ only, ...changed });
    listed.shift();
    await gateway.look();
    for (let said = 1; said <= 6; said += 1) {
      there.channel.send(new Uint8Array([said]));
      await until(() => client.byteCount === said, { what: "the client hears it" });
      await clock.advance(1_000);
      expect(client.isClosed).toBe(false);
    }
    await clock.advance(3_000);
    await client.untilClosed();
  });
});

test("a connection to a server is closed if its client left while it was made", async () => {
  const only = await server("map-1");
  let isAsked = false;
  let goOn = (): void => {};
  const isGone = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const clock = new ManualClock();
  const { connect } = await open({
    servers: [only],
    host: { clock },
    bounds: { firstCommandMs: 5_000 },
    options: {
      connect: async (door) => {
        isAsked = true;
        await isGone;
        return connectTcp(door, 2_000);
      },
    },
  });
  const client = await connect();
  client.channel.send(enters);
  await until(() => isAsked, { what: "a server is connected to" });
  // While the gateway connects to the server, it reads nothing from the client. So it does not notice that
  // the client is gone. It ends the connection only because the server takes too long.
  await clock.advance(5_000);
  await client.untilClosed();
  goOn();
  const there = await joinedAt(only);
  await until(() => there.hasHeardEnd || there.isClosed, { what: "the server is told" });
  expect(there.byteCount).toBe(0);
});
