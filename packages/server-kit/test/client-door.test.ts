import { randomBytes } from "node:crypto";
import { systemClock } from "@sallyport/clock";
import {
  loginDoorEvents,
  loginDoorMessages,
  nativeClientLimits,
  nativeHeartbeat,
  nativeLoginDoor,
  plainIntroduction,
} from "@sallyport/dialects/native";
import { accepted, type LoginDoor, refused } from "@sallyport/domain";
import { type ByteChannel, Link, memoryChannelPair } from "@sallyport/link";
import { ManualClock, settled, testHost, until } from "@sallyport/testkit";
import { encodeFrame, MessageCodec } from "@sallyport/wire";
import { afterEach, describe, expect, test } from "vitest";
import { type Client, ClientDoor, type ClientDoorOptions } from "../src/doors/client-door.ts";
import { type ClientBounds, clientBounds, type Host } from "../src/index.ts";
import { createLog } from "../src/telemetry/log.ts";
import type { Metrics } from "../src/telemetry/metrics.ts";

const doors: ClientDoor<LoginDoor>[] = [];
afterEach(() => {
  for (const door of doors.splice(0)) door.stop("the test is over");
});

/** Opens a login door that offers only salts. The result contains the log and the metrics of the door. */
function openDoor({
  clock = systemClock,
  welcome,
  ...bounds
}: Partial<ClientBounds & Pick<Host, "clock"> & Pick<ClientDoorOptions<LoginDoor>, "welcome">> = {}) {
  const lines: Record<string, unknown>[] = [];
  const counted: string[] = [];
  const metrics: Metrics = {
    count: (name, labels) => void counted.push([name, ...Object.values(labels)].join(" ")),
    observe() {},
    watch() {},
    watchEach() {},
  };
  const clients: Client<LoginDoor>[] = [];
  const no = async () => refused("busy", 5);
  const log = createLog("test", "debug", { write: (line) => void lines.push(JSON.parse(line)) });
  const door = new ClientDoor<LoginDoor>(testHost({ clock, log, metrics }), {
    door: "login",
    bounds: clientBounds({ clientsMax: 100, ...bounds }),
    welcome: (client) => {
      clients.push(client);
      return {
        handlers: {
          "login.register": no,
          "login.password": no,
          "login.prove": no,
          "login.email.confirm": no,
          "login.password.change": no,
          "login.password.reset.ask": no,
          "login.password.reset": no,
          "login.password.telling": no,
          "login.token": no,
          "login.token.password": no,
          "login.salt": async () =>
            accepted({
              salt: randomBytes(16),
              nonce: randomBytes(32),
              memoryKib: 8,
              iterations: 1,
              parallelism: 1,
            }),
        },
        gone() {},
      };
    },
    ...(welcome && { welcome }),
  });
  doors.push(door);
  const connect = (remote = "192.0.2.1:1000"): ByteChannel => {
    const [near, far] = memoryChannelPair([remote, "door"]);
    door.accept(far, nativeLoginDoor);
    return near;
  };
  return { door, lines, counted, clients, connect };
}

function linkOver(channel: ByteChannel) {
  const link = new Link({
    channel,
    sends: new MessageCodec(loginDoorMessages),
    receives: new MessageCodec(loginDoorEvents),
    handlers: { "client.kicked": () => {}, "client.unsupported": () => {} },
    clock: systemClock,
    limits: { ...nativeClientLimits, outputBytesMax: 1 << 20, requestsPauseAt: 1 },
    heartbeat: nativeHeartbeat,
    events: { closed() {} },
  });
  link.notify({ type: "client.hello", ...plainIntroduction });
  return link;
}

const isClosed = (channel: ByteChannel): Promise<boolean> =>
  new Promise((resolve) => {
    channel.listen({ bytes() {}, closed: () => resolve(true) });
  });

describe("a client whose visit is over", () => {
  /** Opens a door at which a visit ends after one salt. */
  async function visited() {
    const clock = new ManualClock();
    let isOver = false;
    const { door, counted, connect } = openDoor({
      clock,
      welcome: () => {
        const no = async () => refused("busy", 5);
        return {
          handlers: {
            "login.register": no,
            "login.password": no,
            "login.prove": no,
            "login.email.confirm": no,
            "login.password.change": no,
            "login.password.reset.ask": no,
            "login.password.reset": no,
            "login.password.telling": no,
            "login.token": no,
            "login.token.password": no,
            "login.salt": async () => {
              isOver = true;
              return refused("busy", 5);
            },
          },
          isOver: () => isOver,
          gone() {},
        };
      },
    });
    const channel = connect();
    const link = linkOver(channel);
    return { door, counted, clock, channel, link };
  }
  const ping = encodeFrame("ping", 1);

  test("gets the answer, and is disconnected within six seconds, however often it pings", async () => {
    const { door, counted, clock, channel, link } = await visited();
    await clock.advance(10_000);
    expect(door.clientCount).toBe(1);
    expect(await link.ask({ type: "login.salt", name: "ada" }, 3_000)).toMatchObject({ refusal: "busy" });
    await clock.advance(4_000);
    expect(door.clientCount).toBe(1);
    channel.send(ping);
    await clock.advance(2_000);
    expect(door.clientCount).toBe(0);
    expect(counted.filter((each) => each.startsWith("clientsEnded"))).toEqual([
      "clientsEnded login server memory native",
    ]);
  });

  test("is gone when it closes its own end", async () => {
    const { door, counted, clock, link } = await visited();
    await link.ask({ type: "login.salt", name: "ada" }, 3_000);
    link.close("served");
    await settled();
    expect(door.clientCount).toBe(0);
    await clock.advance(10_000);
    expect(counted.filter((each) => each.startsWith("clientsEnded"))).toEqual([
      "clientsEnded login client memory native",
    ]);
  });
});

describe("a door", () => {
  test("refuses a client over a bound, in total or from one address, and accepts one as soon as there is room", async () => {
    const { door, counted, clients, connect } = openDoor({ clientsMax: 3, clientsPerAddressMax: 2 });
    connect("192.0.2.1:1");
    connect("192.0.2.1:2");
    expect(await isClosed(connect("192.0.2.1:3"))).toBe(true);
    connect("192.0.2.2:1");
    expect(await isClosed(connect("192.0.2.3:1"))).toBe(true);
    expect(counted.filter((each) => each.startsWith("clientsTurnedAway"))).toEqual([
      "clientsTurnedAway login address",
      "clientsTurnedAway login full",
    ]);
    clients[0]?.disconnect("enough");
    connect("192.0.2.1:4");
    expect(door.clientCount).toBe(3);
  });

  test("logs that it is full once a minute, however many clients it refused", async () => {
    const clock = new ManualClock();
    const { lines, connect } = openDoor({ clientsMax: 0, clock });
    for (let client = 1; client <= 500; client += 1) connect();
    await clock.advance(60_000);
    connect();
    const told = lines.filter(({ msg }) => msg === "client connections refused");
    expect(told).toMatchObject(
      [1, 500].map((connections) => ({
        connections,
        door: "login",
        why: "full",
        variable: "LOGIN_CLIENTS_MAX",
      })),
    );
  });

  test("names the setting if a client's first bytes were wrong, and not if later ones were", async () => {
    const { lines, counted, connect } = openDoor();
    const junk = new Uint8Array(64).fill(255);
    connect().send(junk);
    await until(() => counted.includes("clientsEnded login first-bytes memory native"), {
      what: "it is disconnected",
    });
    const channel = connect();
    const link = linkOver(channel);
    await link.ask({ type: "login.salt", name: "alice" }, 5_000);
    channel.send(junk);
    await until(() => counted.includes("clientsEnded login nonsense memory native"), {
      what: "so is the other",
    });
    const told = lines.filter(({ msg }) => msg === "client connections refused");
    expect(told).toMatchObject([
      { variable: "LOGIN_PORT", why: expect.stringMatching(/^first-bytes \(sent/) },
    ]);
  });

  test("counts commands by their answers, and connections by how they ended", async () => {
    const { counted, connect, clients } = openDoor();
    const link = linkOver(connect());
    await link.ask({ type: "login.salt", name: "alice" }, 5_000);
    await link.ask({ type: "login.password", name: "alice", password: "correct horse" }, 5_000);
    link.close("done");
    expect(counted).toContain("commands login login.salt ok memory native");
    expect(counted).toContain("commands login login.password busy memory native");
    connect().send(new Uint8Array(64).fill(255));
    await until(() => counted.includes("clientsEnded login first-bytes memory native"), {
      what: "nonsense ends it",
    });
    connect().close();
    await until(() => counted.includes("clientsEnded login client memory native"), {
      what: "the client ends it",
    });
    connect();
    clients.at(-1)?.disconnect("enough");
    expect(counted).toContain("clientsEnded login server memory native");
  });
});

test("every line about a client has its trace, as soon as that is known", async () => {
  const { lines, connect, clients } = openDoor();
  connect("192.0.2.9:7").listen({ bytes() {}, closed() {} });
  const [client] = clients;
  client?.log.info({}, "not known yet");
  client?.follow("0123456789ab");
  client?.log.info({ way: "proof" }, "known");
  client?.disconnect("enough");
  expect(lines.map(({ trace, remote, msg }) => [trace, remote, msg])).toEqual([
    [undefined, "192.0.2.9:7", "not known yet"],
    ["0123456789ab", "192.0.2.9:7", "known"],
    ["0123456789ab", "192.0.2.9:7", "client disconnected"],
  ]);
});
