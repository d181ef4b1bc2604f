import type { ListenOptions } from "@sallyport/link/tcp";
import { silentLog } from "@sallyport/server-kit";
import { TestAuthority, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBy, type GatewayOptions } from "../src/index.ts";
import { enters, host, join, open, server } from "./gateway-scene.ts";

let ours: TestAuthority;
let theirs: TestAuthority;
beforeAll(() => {
  ours = new TestAuthority("ours");
  theirs = new TestAuthority("theirs");
});
afterAll(() => {
  ours.remove();
  theirs.remove();
});

/** Returns the options of a server's door behind a gateway. */
const secured = (name = host): ListenOptions => ({
  tls: { source: { current: ours.issue(name), changed: () => () => {} } },
  isProxy: () => true,
});

function trusting(authority: TestAuthority, name: string | null = null): Partial<GatewayOptions> {
  const ca = () => authority.certificate.cert;
  return { sendProxy: true, connect: connectBy({ withinMs: 2_000, ca, name }) };
}

/** Records the reasons why the gateway found no server for a client. */
function heardReasons() {
  const reasons: string[] = [];
  const log = Object.assign(silentLog(), {
    warn: ({ why }: { why?: unknown }) => void reasons.push(String(why)),
  });
  return { log, reasons };
}

describe("a server whose door speaks TLS", () => {
  test("is joined over TLS, after a PROXY header with the client's address", async () => {
    const only = await server("map-1", {}, secured());
    const { client, there, remotes } = await join({ only, options: trusting(ours) });
    expect(remotes).toEqual([there.channel.remote]);
    there.channel.send(new Uint8Array([6, 7]));
    await client.hears(new Uint8Array([6, 7]));
  });

  test("may answer a client that half-closed", async () => {
    const only = await server("map-1", {}, secured());
    const { client, there } = await join({ only, isHalfOpen: true, options: trusting(ours) });
    there.isTalkative = true;
    client.channel.close();
    await until(() => there.hasHeardEnd, { what: "the server notices the half-close" });
    there.channel.send(new Uint8Array([6, 7]));
    there.channel.close();
    await client.hears(new Uint8Array([6, 7]));
    await client.untilClosed();
  });

  test.each(["client", "server"] as const)("sends no faster than the %s reads", async (slow) => {
    const only = await server("map-1", {}, secured());
    const { client, there, gateway } = await join({ only, options: trusting(ours) });
    const [from, to] = slow === "client" ? [there, client] : [client, there];
    const already = to.byteCount;
    to.channel.pause();
    const total = 32 << 20;
    from.channel.send(new Uint8Array(total));
    await until(() => gateway.waitingBytes > 0, { what: "something waits" });
    expect(gateway.waitingBytes).toBeLessThanOrEqual((64 << 10) + (64 << 10));
    to.channel.resume();
    await until(() => to.byteCount - already === total, { what: "all of it arrives" });
  });

  test("ends the client's connection when its own is reset", async () => {
    const only = await server("map-1", {}, secured());
    const { client, there } = await join({ only, options: trusting(ours) });
    there.channel.destroy();
    await client.untilClosed();
  });

  test("may have a certificate for a name other than its host, if that name is set", async () => {
    const only = await server("map-1", {}, secured("doors.internal"));
    await join({ only, options: trusting(ours, "doors.internal") });
  });

  test.each([
    ["another authority signed", host, () => trusting(theirs), "not signed by a trusted authority"],
    ["is for another host", "elsewhere", () => trusting(ours), "the certificate is for another name"],
  ])("gets no clients if its certificate %s, and the log says so", async (_, name, options, why) => {
    const only = await server("map-1", {}, secured(name));
    const { log, reasons } = heardReasons();
    const { connect, counted } = await open({ servers: [only], options: options(), host: { log } });
    const client = await connect();
    client.channel.send(enters);
    await client.untilClosed();
    expect(only.clients).toEqual([]);
    expect(counted).toContain("clientsEnded map no-server");
    await until(() => reasons.length > 0, { what: "the log tells" });
    const { address } = only.listener;
    const named = reasons.find((reason) => reason.startsWith("map-1 does not take connections"));
    expect(named).toContain(`(${address.host}:${address.port}: `);
    expect(named).toContain(why);
  });
});
