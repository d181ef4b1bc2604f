import { memoryChannelPair } from "@sallyport/link";
import { clientBounds } from "@sallyport/server-kit";
import { settled, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { Front } from "../src/front.ts";
import { lineProtocol } from "../src/protocols/line/index.ts";

const at = { host: "127.0.0.1", port: 1 };
/** Two protocols that differ by their names. The second one has a cap of its own. */
const protocols = { line: lineProtocol, capped: { ...lineProtocol, name: "capped", clientsMax: 1 } };

let warnings: object[];
let accept: { readonly [P in keyof typeof protocols]: ReturnType<Front["serve"]> };

beforeEach(() => {
  warnings = [];
  const { log, ...host } = testHost();
  const front = new Front(
    { ...host, log: { ...log, child: () => log, warn: (fields: object) => warnings.push(fields) } },
    {
      inward: {
        login: at,
        connectFor: () => () => Promise.reject(new Error("no server")),
        probe: async () => {},
      },
      bounds: clientBounds({ clientsMax: 3, clientsPerAddressMax: 2 }),
      version: "0",
    },
  );
  accept = { line: front.serve(protocols.line, at), capped: front.serve(protocols.capped, at) };
});

/** A client of this protocol from this address. */
function comes(protocol: keyof typeof protocols, address: string) {
  const [near, far] = memoryChannelPair([`${address}:1`, "front"]);
  const client = { isClosed: false, leaves: () => near.destroy() };
  near.listen({
    bytes: () => {},
    closed: () => {
      client.isClosed = true;
    },
  });
  accept[protocol](far);
  return client;
}

describe("the bounds of a front", () => {
  test("count the clients of all protocols together, and those of one address", async () => {
    const first = comes("line", "10.0.0.1");
    const second = comes("capped", "10.0.0.1");
    const ofSameAddress = comes("line", "10.0.0.1");
    const third = comes("line", "10.0.0.2");
    const tooMany = comes("line", "10.0.0.3");
    await settled();
    expect([first, second, third].map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
    expect([ofSameAddress, tooMany].map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(warnings).toMatchObject([
      { why: "address", variable: "FRONT_CLIENTS_PER_ADDRESS_MAX" },
      { why: "full", variable: "FRONT_CLIENTS_MAX" },
    ]);
  });

  test("have a cap for one protocol beside them, whose place is free when a client has left", async () => {
    const first = comes("capped", "10.0.0.1");
    const second = comes("capped", "10.0.0.2");
    const other = comes("line", "10.0.0.2");
    await settled();
    expect([first, second, other].map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
    expect(warnings).toMatchObject([{ why: "dialect-full", variable: "CAPPED_CLIENTS_MAX" }]);
    first.leaves();
    await settled();
    const third = comes("capped", "10.0.0.3");
    await settled();
    expect(third.isClosed).toBe(false);
  });
});
