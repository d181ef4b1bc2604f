import {
  loginDoorEvents,
  loginDoorMessages,
  nativeVersions,
  plainIntroduction,
} from "@sallyport/dialects/native";
import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { ManualClock, settled } from "@sallyport/testkit";
import { encodeFrame, FrameSplitter, MessageCodec, WireError } from "@sallyport/wire";
import { expect, test } from "vitest";
import { type ClientOptions, createClient } from "../src/index.ts";

/* In these tests, the test itself is the login door and reads the first bytes of the SDK. */

const account = { name: "alice", password: "correct horse", way: "raw" } as const;

function atDoor(options: Partial<ClientOptions> = {}) {
  const writes: Uint8Array[] = [];
  let door: ByteChannel | null = null;
  const client = createClient({
    ...options,
    clock: new ManualClock(),
    login: { host: "door", port: 1 },
    connect: async () => {
      const [near, far] = memoryChannelPair(["client", "door"]);
      far.listen({ bytes: (chunk) => void writes.push(chunk), closed() {} });
      door = far;
      return near;
    },
  });
  const tells = (message: Parameters<typeof events.encode>[0]): void =>
    door?.send(encodeFrame("notice", 0, events.encode(message, 0)));
  return { client, writes, tells };
}

const events = new MessageCodec(loginDoorEvents);
const heard = (bytes: Uint8Array) =>
  [...new FrameSplitter(4_096).push(bytes)].map(
    ({ body }) => new MessageCodec(loginDoorMessages).decode(body).message,
  );

test("a client sends its introduction in one write with its first request, and waits for nothing", async () => {
  const program = { name: "my game", version: "1.2" };
  const { client, writes } = atDoor({ program, deviceId: "d-1", secondLogin: "reject" });
  void client.logIn(account);
  await settled();
  expect(writes.map(heard)).toEqual([
    [
      {
        type: "client.hello",
        version: nativeVersions.newest,
        dialect: "native",
        program: "my game",
        programVersion: "1.2",
        deviceId: "d-1",
        secondLogin: "reject",
      },
      { type: "login.password", name: "alice", password: "correct horse" },
    ],
  ]);
});

test("a client without data about itself sends an empty introduction, once a connection", async () => {
  const { client, writes } = atDoor();
  void client.logIn(account);
  await settled();
  const [{ type, ...said } = { type: "nothing" }] = heard(writes[0] ?? new Uint8Array(0));
  expect([type, said]).toEqual(["client.hello", plainIntroduction]);
});

test("a door with other versions is distinguished from one that closed the connection", async () => {
  const ends: string[] = [];
  const { client, tells } = atDoor({
    onConnectionEnd: (_, end) => ends.push(`${end.reason}: ${end.detail}`),
  });
  const login = client.logIn(account);
  await settled();
  tells({ type: "client.unsupported", oldest: 2, newest: 3 });
  expect(await login).toEqual({ ok: false, refusal: "version-unsupported" });
  expect(ends).toEqual(["version-unsupported: the door speaks versions 2 to 3"]);
});

test("an introduction too long for the protocol is refused when the client is created", () => {
  const deviceId = "d".repeat(65);
  expect(() => atDoor({ deviceId })).toThrow(WireError);
});
