import type { Dialect } from "@sallyport/dialects";
import { helloFrame, loginDoorMessages, nativeLoginDoor } from "@sallyport/dialects/native";
import { ragnarokDialects } from "@sallyport/dialects/ragnarok";
import { accepted, type LoginDoor, refused } from "@sallyport/domain";
import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { encodeFrame, MessageCodec } from "@sallyport/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { type ClientBounds, ClientDoor, clientBounds, createLog } from "../src/index.ts";

/* These tests check that one client or one address cannot get more than its share of a door. */

const codec = new MessageCodec(loginDoorMessages);
const salt = {
  ...{ salt: new Uint8Array(16), nonce: new Uint8Array(32) },
  ...{ memoryKib: 8, iterations: 1, parallelism: 1 },
};

let clock: ManualClock;
let asked: number;
let lines: Record<string, unknown>[];

beforeEach(() => {
  clock = new ManualClock();
  asked = 0;
  lines = [];
});

function openDoor(
  some: Partial<ClientBounds>,
  dialect: Dialect<LoginDoor> = nativeLoginDoor,
): (remote?: string) => ByteChannel {
  const no = async () => refused("busy", 5);
  const log = createLog("test", "info", { write: (line) => void lines.push(JSON.parse(line)) });
  const door = new ClientDoor<LoginDoor>(testHost({ clock, log }), {
    door: "login",
    bounds: clientBounds(some),
    welcome: () => ({
      handlers: {
        ...{ "login.register": no, "login.password": no, "login.prove": no },
        ...{ "login.email.confirm": no, "login.password.change": no },
        ...{ "login.password.reset.ask": no, "login.password.reset": no, "login.password.telling": no },
        ...{ "login.token": no, "login.token.password": no },
        "login.salt": async () => {
          asked += 1;
          return accepted(salt);
        },
      },
      gone() {},
    }),
  });
  return (remote = "192.0.2.1:1") => {
    const [near, far] = memoryChannelPair([remote, "door"]);
    door.accept(far, dialect);
    if (dialect === nativeLoginDoor) near.send(helloFrame());
    return near;
  };
}

let lastId = 0;
function ask(channel: ByteChannel): void {
  lastId += 1;
  channel.send(encodeFrame("request", lastId, codec.encode({ type: "login.salt", name: "alice" }, 60_000)));
}

function hear(channel: ByteChannel): { isOver: boolean } {
  const heard = { isOver: false };
  channel.listen({
    bytes() {},
    closed() {
      heard.isOver = true;
    },
  });
  return heard;
}

/** Connects the next client. If the only place of the door is taken, the door refuses this client at once. */
async function isTaken(connect: () => ByteChannel): Promise<boolean> {
  const next = connect();
  const heard = hear(next);
  await settled();
  next.destroy();
  return heard.isOver;
}

/** Each line feed is a command, as at the line door of a front. */
const linesDoor: Dialect<LoginDoor> = {
  name: "lines",
  secondLogin: "takeover",
  open: () => ({
    introduction: null,
    receive: (bytes, nowMs) =>
      Array.from(bytes, (_, answerTo) => ({
        ...{ answerTo, command: { type: "login.salt", name: "alice" } },
        expiresMs: nowMs + 60_000,
      })),
    answer: () => [],
    event() {},
    tick: () => "alive",
    takeOutput: () => [],
  }),
};

describe("a client", () => {
  test("that sends no first command in time is disconnected, and a client that did is not", async () => {
    const connect = openDoor({ firstCommandMs: 5_000 });
    const [silent, busy] = [connect("192.0.2.1:1"), connect("192.0.2.1:2")];
    const [ofSilent, ofBusy] = [hear(silent), hear(busy)];
    silent.send(new Uint8Array([0, 0]));
    ask(busy);
    await clock.advance(7_000);
    await settled();
    expect([ofSilent.isOver, ofBusy.isOver]).toEqual([true, false]);
    expect(lines).toMatchObject([
      {
        msg: "client connections refused",
        door: "login",
        variable: "LOGIN_FIRST_COMMAND_MS",
        connections: 1,
      },
    ]);
  });

  test("that sends commands too fast is answered at the allowed rate, and not disconnected", async () => {
    const connect = openDoor({ commandsPerSecond: 10 });
    const channel = connect();
    const heard = hear(channel);
    for (let round = 0; round < 20; round += 1) {
      for (let request = 0; request < 30; request += 1) ask(channel);
      await settled();
    }
    // The door handles the commands of four seconds at once. It also handles the commands that were already
    // on their way.
    const atOnce = asked;
    expect(atOnce).toBeLessThan(100);
    await clock.advance(20_000);
    await settled();
    expect(asked).toBeGreaterThan(atOnce);
    expect(asked).toBeLessThan(atOnce + 300);
    expect(heard.isOver).toBe(false);
  });

  test("that sends thousands of commands at once is answered at the allowed rate, and then disconnected", async () => {
    const connect = openDoor({ commandsPerSecond: 10, aheadMs: 10_000 }, linesDoor);
    const channel = connect();
    const heard = hear(channel);
    channel.send(Buffer.alloc(65_536, "\n"));
    await settled();
    expect(asked).toBe(40);
    await clock.advance(5_000);
    await settled();
    expect(asked).toBe(90);
    await clock.advance(7_000);
    await settled();
    expect(heard.isOver).toBe(true);
    expect(asked).toBeLessThan(200);
    expect(lines).toMatchObject([{ msg: "clients were disconnected", why: "too-fast", connections: 1 }]);
  });

  test("that reads nothing for too long is disconnected, whatever it sends", async () => {
    const connect = openDoor({ unreadMs: 5_000, commandsPerSecond: 1_000 });
    const channel = connect();
    ask(channel);
    await settled();
    channel.pause();
    for (let second = 0; second < 8; second += 1) {
      ask(channel);
      await clock.advance(1_000);
      await settled();
    }
    expect(lines).toMatchObject([{ msg: "clients were disconnected", why: "not-reading", connections: 1 }]);
  });
});

/** Packets without an answer have no limit. So they make the longest possible backlog. */
const ragnarokDoor = ragnarokDialects({
  isoIn: () => "",
  isoAt: () => "",
  randomBytes: (count) => new Uint8Array(count),
}).login;
const pings = [
  ["native", nativeLoginDoor, encodeFrame("ping", 0)],
  ["Ragnarok", ragnarokDoor, Uint8Array.of(0x87, 0x01, 0, 0, 0, 0)],
] as const;

describe.each(pings)("a %s client that floods pings", (_, dialect, ping) => {
  const chunk = Buffer.alloc(ping.length * 1_000, ping);

  function flood(goes: boolean): () => ByteChannel {
    const connect = openDoor({ aheadMs: 10_000, clientsMax: 1, firstCommandMs: 600_000 }, dialect);
    const channel = connect();
    hear(channel);
    for (let count = 0; count < 40; count += 1) channel.send(chunk);
    if (goes) channel.close();
    return connect;
  }

  test("keeps its place only for a bounded time, whether it disconnects or stays", async () => {
    for (const goes of [true, false]) {
      lines = [];
      const connect = flood(goes);
      await clock.advance(9_000);
      await settled();
      expect(await isTaken(connect)).toBe(true);
      await clock.advance(3_000);
      await settled();
      expect(await isTaken(connect)).toBe(false);
      expect(lines).toContainEqual(
        expect.objectContaining({ msg: "clients were disconnected", why: "too-fast" }),
      );
    }
  });
});

test("a client that sends at the allowed rate, in bursts, is never disconnected", async () => {
  const connect = openDoor({ commandsPerSecond: 10, aheadMs: 10_000 });
  const channel = connect();
  const heard = hear(channel);
  for (let burst = 0; burst < 20; burst += 1) {
    for (let count = 0; count < 30; count += 1) ask(channel);
    await settled();
    await clock.advance(5_000);
  }
  expect(heard.isOver).toBe(false);
  expect(asked).toBe(600);
});

test("an address with too many silent connections loses its oldest, and other addresses lose none", async () => {
  const connect = openDoor({ newcomersPerAddressMax: 2 });
  const other = hear(connect("192.0.2.2:1"));
  const mates = ["1", "2", "3"].map((port) => hear(connect(`192.0.2.1:${port}`)));
  await settled();
  expect(mates.map(({ isOver }) => isOver)).toEqual([true, false, false]);
  expect(other.isOver).toBe(false);
});
