import { settled, until } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { enters, join, joinedAt, open, server } from "./gateway-scene.ts";

const long = 60_000;

describe("a gateway that drains", () => {
  test("refuses new connections, and carries the joined ones both ways until they end by themselves", async () => {
    const { gateway, connect, client, there, counted } = await join();
    let isDrained = false;
    expect(gateway.state).toBe("up");
    const drained = gateway.drain(long).then(() => {
      isDrained = true;
    });
    expect(gateway.state).toBe("draining");
    await (await connect()).untilClosed();
    expect(counted).toContain("clientsTurnedAway map stopping");
    client.channel.send(new Uint8Array([1, 2]));
    await there.hears(new Uint8Array([...enters, 1, 2]));
    there.channel.send(new Uint8Array([3]));
    await client.hears(new Uint8Array([3]));
    expect([isDrained, gateway.clientCount]).toEqual([false, 1]);
    client.channel.destroy();
    await drained;
    expect(gateway.clientCount).toBe(0);
  });

  test("still joins a client that connected before and has not yet shown where it belongs", async () => {
    const only = await server("map-1");
    const { gateway, connect } = await open({ servers: [only] });
    const client = await connect();
    await until(() => gateway.clientCount === 1, { what: "the client is in" });
    const drained = gateway.drain(long);
    client.channel.send(enters);
    const there = await joinedAt(only);
    await there.hears(enters);
    there.channel.close();
    await drained;
  });

  test("is done at once if no client is connected", async () => {
    const { gateway } = await open({});
    await gateway.drain(long);
  });

  test("leaves the clients that remain at its time limit to the stop", async () => {
    const { gateway, client, there, counted } = await join();
    await gateway.drain(0);
    expect([gateway.clientCount, client.isClosed]).toEqual([1, false]);
    await gateway.stop();
    await client.untilClosed();
    await until(() => there.hasHeardEnd || there.isClosed, { what: "the server is told" });
    expect(counted).toContain("clientsEnded map stopping");
  });

  test("ends the drain when it is stopped meanwhile", async () => {
    const { gateway, client } = await join();
    const drained = gateway.drain(long);
    await gateway.stop();
    await Promise.all([drained, client.untilClosed()]);
  });
});

test("a gateway stops only after all bytes for a client have arrived there", async () => {
  const { gateway, client, there } = await join();
  client.channel.pause();
  // The buffers of the operating system must be full first. Only then do further bytes wait in the gateway.
  await until(
    () => {
      there.channel.send(new Uint8Array(1 << 20));
      return gateway.waitingBytes > 0;
    },
    { what: "something waits" },
  );
  let isStopped = false;
  const stopped = gateway.stop().then(() => {
    isStopped = true;
  });
  await settled();
  expect([isStopped, gateway.clientCount]).toEqual([false, 0]);
  client.channel.resume();
  await Promise.all([stopped, client.untilClosed()]);
});
