import { once } from "node:events";
import net from "node:net";
import { helloFrame, loginDoorMessages } from "@sallyport/dialects/native";
import { until } from "@sallyport/testkit";
import { encodeFrame, FrameSplitter, MessageCodec } from "@sallyport/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytewise } from "../cluster/channel-with.ts";
import { doorOffences, doorsOf } from "./door-offences.ts";
import { type Carrier, type DoorName, named, offender, Scene } from "./scene.ts";

/* Clients misbehave at every door over both transports, while a player plays. */

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());

const ports = (["login", "char", "map"] as const).flatMap((door) =>
  (["tcp", "webSocket"] as const).map((carrier) => [door, carrier] as const),
);

const framesIn = (bytes: Uint8Array) => [...new FrameSplitter(4 << 20).push(bytes)];

/** Returns the logged reason why a connection ended. Exactly one connection must have ended. */
function reasonIn(lines: readonly { readonly msg: string; readonly why?: string }[]): string {
  const ended = lines.filter(({ msg }) => msg === "client disconnected");
  expect(ended).toHaveLength(1);
  return ended[0]?.why ?? "no reason";
}

describe.each(ports)("at the %s door over %s, a client that", (door, carrier) => {
  test.each(named(doorOffences))(
    "%s loses its connection, and no other client is affected",
    async (_, { bytes, why }) => {
      const lines = await scene.unharmedBy(async () => {
        const { channel, isClosed } = offender(await scene.reach(door, carrier));
        channel.send(helloFrame());
        channel.send(bytes(doorsOf[door]));
        await until(isClosed, { what: "its connection is closed" });
      });
      expect(reasonIn(lines)).toMatch(why);
    },
  );

  test("disconnects in the middle of a command is forgotten", async () => {
    const lines = await scene.unharmedBy(async () => {
      const { channel, isClosed } = offender(await scene.reach(door, carrier));
      channel.send(encodeFrame("request", 1, doorsOf[door].command).subarray(0, 7));
      channel.close();
      await until(isClosed, { what: "its connection is closed" });
    });
    expect(reasonIn(lines)).toBe("closed by the client");
  });

  test("sends a command out of order is refused, and may continue", async () => {
    await scene.unharmedBy(async () => {
      const { channel, heard, isClosed } = offender(await scene.reach(door, carrier));
      channel.send(helloFrame());
      for (const id of [1, 2]) channel.send(encodeFrame("request", id, doorsOf[door].early));
      const frames = await until(() => (framesIn(heard()).length === 2 ? framesIn(heard()) : null), {
        what: "both are answered",
      });
      expect(frames.map(({ kind, correlationId }) => [kind, correlationId])).toEqual([
        ["refusal", 1],
        ["refusal", 2],
      ]);
      for (const { body } of frames) expect(Buffer.from(body).toString("latin1")).toContain("out-of-order");
      expect(isClosed()).toBe(false);
      channel.close();
    });
  });

  test("sends a command twice under one id has it carried out once", async () => {
    await scene.unharmedBy(async () => {
      const { channel, heard } = offender(await scene.reach(door, carrier));
      const { command } = doorsOf[door];
      channel.send(helloFrame());
      for (const id of [1, 1, 2, 1, 2, 3]) channel.send(encodeFrame("request", id, command));
      const answered = () => framesIn(heard()).map(({ correlationId }) => correlationId);
      await until(() => answered().includes(3), { what: "the last one is answered" });
      expect(answered()).toEqual([1, 2, 3]);
      channel.close();
    });
  });

  test("causes answers and does not read them is cut off", async () => {
    const lines = await scene.unharmedBy(async () => {
      const others = scene.clientsAt(door);
      const { channel } = offender(await scene.reach(door, carrier));
      await until(() => scene.clientsAt(door) > others, { what: "it is admitted" });
      channel.send(helloFrame());
      channel.send(encodeFrame("request", 1, doorsOf[door].early));
      channel.pause();
      const pings = Buffer.concat(new Array<Uint8Array>(100_000).fill(encodeFrame("ping", 0)));
      const isCutOff = (): boolean => {
        if (channel.bufferedBytes() < 2 << 20) channel.send(pings);
        return scene.clientsAt(door) === others;
      };
      await until(isCutOff, { what: "it is cut off" });
      channel.destroy();
    });
    expect(reasonIn(lines)).toBe("does not read the data sent to it");
  });
});

describe.each(["tcp", "webSocket"] as const)("over %s", (carrier: Carrier) => {
  test("a client that sends one byte at a time goes through all doors like any other", async () => {
    const account = await scene.cluster.account();
    await scene.unharmedBy(async () => {
      const { game } = await scene.playsBy(carrier, account, bytewise);
      expect((await game.walk(game.position.x + 1, game.position.y)).ok).toBe(true);
      expect((await game.leave()).ok).toBe(true);
    });
  });
});

/** Opens a socket, and upgrades it to a WebSocket without a library. */
async function upgraded(door: DoorName): Promise<net.Socket> {
  const socket = net.connect(scene.doors[door].webSocket, "127.0.0.1");
  const head = ["GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"];
  const key = ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
  socket.write([...head, ...key, "", ""].join("\r\n"));
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString("latin1")).toContain("101 Switching Protocols");
  return socket;
}

const salt = new MessageCodec(loginDoorMessages).encode({ type: "login.salt", name: "nobody" }, 1_000);

const webSocketOffences: readonly {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly why: RegExp;
}[] = [
  {
    what: "sends text",
    bytes: Uint8Array.of(0x81, 0x81, 0, 0, 0, 0, 0x41),
    why: /^sent nonsense: text where bytes were expected$/,
  },
  {
    what: "does not mask its frames",
    bytes: Buffer.concat([Uint8Array.of(0x82, salt.length), salt]),
    why: /^sent nonsense: WS_ERR_EXPECTED_MASK$/,
  },
  {
    what: "announces a message of 2⁶² bytes",
    bytes: Uint8Array.of(0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    why: /^sent nonsense: WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH$/,
  },
  {
    what: "uses an extension that was not agreed",
    bytes: Uint8Array.of(0xf2, 0x80, 0, 0, 0, 0),
    why: /^sent nonsense: WS_ERR_UNEXPECTED_RSV_\w+$/,
  },
];

describe.each(["login", "char", "map"] as const)(
  "at the %s door, a client that upgrades to WebSocket and then",
  (door) => {
    test.each(webSocketOffences)(
      "$what loses its connection, and no other client is affected",
      async ({ bytes, why }) => {
        const lines = await scene.unharmedBy(async () => {
          const socket = await upgraded(door);
          socket.on("error", () => {}).resume();
          socket.write(bytes);
          await until(() => socket.closed, { what: "its connection is closed" });
        });
        expect(reasonIn(lines)).toMatch(why);
      },
    );
  },
);

test("no log line about any of this has a password, a login id, a cookie or a proof", () => {
  scene.expectNoSecretTold();
  const all = JSON.stringify(scene.logbook.lines);
  for (const sent of [1_234_567_890, 2_345_678_901, 3_456_789_012]) expect(all).not.toContain(String(sent));
});
