import { largestMessage } from "@sallyport/testkit";
import { defineMessages, encodeFrame, flag, MessageCodec, WireError } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { helloFrame, nativeVersions, plainIntroduction } from "../src/native/index.ts";
import { clientPeer, type NativeDoor, nativeDoors } from "./native-doors.ts";

const said = {
  version: nativeVersions.newest,
  dialect: "elsewhere",
  program: "adaptor",
  programVersion: "3.1",
  deviceId: "0123456789",
  secondLogin: "reject",
} as const;

const joined = (...chunks: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));

/** Encodes a message with this id and with a layout that is in no table. */
const otherLayout = (id: number): Uint8Array =>
  new MessageCodec(defineMessages({ other: { id, doc: "", fields: { flag: flag() } } })).encode(
    { type: "other", flag: true },
    5_000,
  );

const firstName = (door: NativeDoor): string => Object.keys(door.commands)[0] ?? "";

/** Encodes a command of the door as the first request of a client. */
function firstRequest(door: NativeDoor): Uint8Array {
  const command = largestMessage(door.commands, firstName(door));
  return encodeFrame("request", 1, new MessageCodec(door.commands).encode(command, 5_000));
}

describe.each(nativeDoors)("the native $name door", (door) => {
  test("has the introduction at the first command, even if both arrive in the same bytes", () => {
    const stream = door.dialect.open(0);
    expect(stream.introduction).toBeNull();
    expect(stream.receive(joined(helloFrame(said), firstRequest(door)), 0)).toHaveLength(1);
    expect(stream.introduction).toEqual(said);
    expect(stream.endsFor).toBeNull();
    expect(stream.takeOutput()).toEqual([]);
  });

  test.each([nativeVersions.oldest - 1, nativeVersions.newest + 1])(
    "tells a client of version %i the supported versions, carries nothing out, and ends",
    (version) => {
      const stream = door.dialect.open(0);
      const first = joined(helloFrame({ ...said, version }), firstRequest(door));
      expect(stream.receive(first, 0)).toEqual([]);
      const heard = stream.takeOutput().flatMap((bytes) => clientPeer(door).receive(bytes, 0));
      expect(heard).toEqual([{ type: "notice", message: { type: "client.unsupported", ...nativeVersions } }]);
      expect(stream.endsFor).toBe(`speaks version ${version}`);
      expect(stream.receive(joined(helloFrame(said), firstRequest(door)), 0)).toEqual([]);
      expect(stream.takeOutput()).toEqual([]);
    },
  );

  test("sends clients of each version the events of that version, and no newer ones", () => {
    for (let version = nativeVersions.oldest; version <= nativeVersions.newest; version += 1) {
      const stream = door.dialect.open(0);
      stream.receive(helloFrame({ ...said, version }), 0);
      const known = Object.entries(door.events).filter(([, { since = 1 }]) => since <= version);
      for (const name of Object.keys(door.events))
        stream.event(largestMessage(door.events, name) as never, 0);
      const heard = stream.takeOutput().flatMap((bytes) => clientPeer(door).receive(bytes, 0));
      expect(heard.map((each) => "message" in each && each.message.type)).toEqual(
        known.map(([name]) => name),
      );
    }
  });

  test("refuses a client without a version in a form that it can read, and ends", () => {
    const [client, stream] = [clientPeer(door), door.dialect.open(0)];
    const requestId = client.request(largestMessage(door.commands, firstName(door)), 0, 5_000);
    const arrived = client.takeOutput().flatMap((bytes) => stream.receive(bytes, 0));
    expect(arrived).toEqual([]);
    const heard = stream.takeOutput().flatMap((bytes) => client.receive(bytes, 0));
    const answer = { ok: false, refusal: "out-of-order", retryAfterMs: null };
    expect(heard).toEqual([{ type: "answered", requestId, answer }]);
    expect(stream.endsFor).toBe("asked without saying what it is");
  });

  test("refuses a client without a version whose request has an old layout, however it is cut", () => {
    const old = encodeFrame("request", 7, otherLayout(door.commands[firstName(door)]?.id ?? 0));
    const refusal = new MessageCodec(door.commands).encodeRefusal({
      refusal: "out-of-order",
      retryAfterMs: null,
    });
    for (const cuts of [[old], [...old].map((byte) => Uint8Array.of(byte))]) {
      const stream = door.dialect.open(0);
      expect(cuts.flatMap((chunk) => stream.receive(chunk, 0))).toEqual([]);
      expect(stream.takeOutput()).toEqual([encodeFrame("refusal", 7, refusal)]);
      expect(stream.endsFor).toBe("asked without saying what it is");
      expect(stream.receive(joined(old, helloFrame(said), old), 0)).toEqual([]);
      expect(stream.takeOutput()).toEqual([]);
    }
  });

  test("tells a client of another version so even if nothing that follows can be read", () => {
    const stream = door.dialect.open(0);
    const unread = encodeFrame("request", 1, otherLayout(0xffff));
    const version = nativeVersions.newest + 1;
    expect(stream.receive(joined(helloFrame({ ...said, version }), unread), 0)).toEqual([]);
    const heard = stream.takeOutput().flatMap((bytes) => clientPeer(door).receive(bytes, 0));
    expect(heard).toEqual([{ type: "notice", message: { type: "client.unsupported", ...nativeVersions } }]);
  });

  test("treats as nonsense any first frame that is neither a request nor an introduction", () => {
    for (const frame of [
      encodeFrame("request", 0, otherLayout(0xffff)),
      encodeFrame("notice", 0, otherLayout(0xffff)),
      encodeFrame("reply", 1, otherLayout(0xffff)),
    ])
      expect(() => door.dialect.open(0).receive(frame, 0)).toThrow(WireError);
  });

  test("uses only the first introduction", () => {
    const stream = door.dialect.open(0);
    const unsupported = { ...plainIntroduction, version: nativeVersions.newest + 1 };
    stream.receive(joined(helloFrame(said), helloFrame(unsupported)), 0);
    expect(stream.introduction).toEqual(said);
    expect(stream.endsFor).toBeNull();
  });
});

test("refuses requests of an older client with words that its version has", () => {
  const words = {
    "state-invalid": { instead: "map-unavailable", since: 2 },
    failed: { instead: "unavailable", since: 2 },
    "address-banned": { instead: "busy", since: 3 },
    "device-banned": { instead: "busy", since: 3 },
  } as const;
  const commands = nativeDoors.flatMap((door) =>
    Object.entries(door.commands).map(([name, { refusals }]) => ({ door, name, refusals })),
  );
  let tried = 0;
  for (const { door, name, refusals } of commands) {
    for (const [word, { instead, since }] of Object.entries(words).filter(([word]) =>
      refusals.includes(word),
    )) {
      for (const version of [1, 2, 3]) {
        tried += 1;
        const [client, stream] = [clientPeer(door), door.dialect.open(0)];
        stream.receive(helloFrame({ ...said, version }), 0);
        client.request(largestMessage(door.commands, name), 0, 5_000);
        const [{ answerTo } = { answerTo: 0 }] = client
          .takeOutput()
          .flatMap((each) => stream.receive(each, 0));
        stream.answer(answerTo, { ok: false, refusal: word as never }, 0);
        const heard = stream.takeOutput().flatMap((bytes) => client.receive(bytes, 0));
        expect(heard).toMatchObject([{ answer: { refusal: version < since ? instead : word } }]);
      }
    }
  }
  expect(tried).toBeGreaterThan(2);
});

test.each([1, 2, 3])("tells a client of version %i why it is put out, in words that it knows", (version) => {
  for (const door of nativeDoors) {
    const [client, stream] = [clientPeer(door), door.dialect.open(0)];
    stream.receive(helloFrame({ ...said, version }), 0);
    const kick = { type: "client.kicked", reason: "banned", untilMs: 5, text: "for cheating" } as const;
    stream.event(kick as never, 0);
    const heard = stream.takeOutput().flatMap((bytes) => client.receive(bytes, 0));
    const reason = version < 3 ? "lock-lost" : "banned";
    expect(heard).toMatchObject([{ message: { ...kick, reason } }]);
  }
});
