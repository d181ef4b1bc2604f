import { arbitraryMessage, arbitraryReply, largestMessage, largestReply } from "@sallyport/testkit";
import { encodeFrame, frameOverheadBytes, MessageCodec, WireError } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nativeClientLimits } from "../src/native/index.ts";
import { clientPeer, introduced, nativeDoors } from "./native-doors.ts";

const someTimeMs = 15_000;

describe.each(nativeDoors)("the native $name door", (door) => {
  const commands = Object.entries(door.commands);

  test("passes on every command unchanged, with its time to live", () => {
    fc.assert(
      fc.property(arbitraryMessage(door.commands), (command) => {
        const [client, stream] = [clientPeer(door), introduced(door)];
        const requestId = client.request(command, 0, someTimeMs);
        const arrived = client.takeOutput().flatMap((bytes) => stream.receive(bytes, 0));
        expect(arrived).toEqual([{ command, answerTo: requestId, expiresMs: someTimeMs }]);
      }),
    );
  });

  test("returns every answer under its command", () => {
    const answered = fc
      .constantFrom(...commands)
      .chain(([name]) => fc.record({ name: fc.constant(name), value: arbitraryReply(door.commands, name) }));
    fc.assert(
      fc.property(answered, ({ name, value }) => {
        const [client, stream] = [clientPeer(door), introduced(door)];
        const requestId = client.request(largestMessage(door.commands, name), 0, someTimeMs);
        client.takeOutput().forEach((bytes) => stream.receive(bytes, 0));
        stream.answer(requestId, { ok: true, value: value as never }, 0);
        const heard = stream.takeOutput().flatMap((bytes) => client.receive(bytes, 0));
        expect(heard).toEqual([{ type: "answered", requestId, answer: { ok: true, value } }]);
      }),
    );
  });

  test.each(commands)(
    "returns every refusal that %s lists, with and without a time to try again",
    (name, row) => {
      const [client, stream] = [clientPeer(door), introduced(door)];
      for (const refusal of row.refusals ?? []) {
        for (const retryAfterMs of [undefined, 2_500]) {
          const requestId = client.request(largestMessage(door.commands, name), 0, someTimeMs);
          client.takeOutput().forEach((bytes) => stream.receive(bytes, 0));
          const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
          stream.answer(requestId, { ok: false, refusal: refusal as never, ...retry }, 0);
          const heard = stream.takeOutput().flatMap((bytes) => client.receive(bytes, 0));
          const answer = { ok: false, refusal, retryAfterMs: retryAfterMs ?? null };
          expect(heard).toEqual([{ type: "answered", requestId, answer }]);
        }
      }
    },
  );

  test("passes every event to the client unchanged", () => {
    fc.assert(
      fc.property(fc.array(arbitraryMessage(door.events), { maxLength: 5 }), (events) => {
        const [client, stream] = [clientPeer(door), introduced(door)];
        for (const event of events) stream.event(event as never, 0);
        const heard = stream.takeOutput().flatMap((bytes) => client.receive(bytes, 0));
        expect(heard).toEqual(events.map((message) => ({ type: "notice", message })));
      }),
    );
  });

  test("has a frame for its largest command, answer and event", () => {
    const codec = new MessageCodec(door.commands);
    const events = new MessageCodec(door.events);
    for (const [name] of commands) {
      const command = codec.encode(largestMessage(door.commands, name), 0xffff_ffff);
      expect(command.length + frameOverheadBytes, name).toBeLessThanOrEqual(nativeClientLimits.sendBytesMax);
      const answer = codec.encodeReply(name, largestReply(door.commands, name));
      expect(answer.length + frameOverheadBytes, name).toBeLessThanOrEqual(
        nativeClientLimits.receiveBytesMax,
      );
    }
    for (const name of Object.keys(door.events)) {
      const event = events.encode(largestMessage(door.events, name), 0);
      expect(event.length + frameOverheadBytes, name).toBeLessThanOrEqual(nativeClientLimits.receiveBytesMax);
    }
  });

  test("passes on commands in their order, however the bytes were cut", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryMessage(door.commands), { maxLength: 6 }),
        fc.integer({ min: 1, max: 50 }),
        (sent, cut) => {
          const [client, stream] = [clientPeer(door), introduced(door)];
          for (const command of sent) client.request(command, 0, someTimeMs);
          const bytes = Uint8Array.from(client.takeOutput().flatMap((chunk) => [...chunk]));
          const arrived: unknown[] = [];
          for (let offset = 0; offset < bytes.length; offset += cut) {
            arrived.push(
              ...stream.receive(bytes.subarray(offset, offset + cut), 0).map(({ command }) => command),
            );
          }
          expect(arrived).toEqual(sent);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("treats as nonsense: an event from a client, a command of another door, a frame too long", () => {
    for (const other of nativeDoors.filter(({ name }) => name !== door.name)) {
      const client = clientPeer(other);
      const [name = ""] = Object.keys(other.commands);
      client.request(largestMessage(other.commands, name), 0, someTimeMs);
      const [bytes = new Uint8Array(0)] = client.takeOutput();
      expect(() => introduced(door).receive(bytes, 0)).toThrow(WireError);
    }
    const kick = new MessageCodec(door.events).encode(largestMessage(door.events, "client.kicked"), 0);
    expect(() => introduced(door).receive(encodeFrame("notice", 0, kick), 0)).toThrow(WireError);
    const tooLong = encodeFrame("request", 1, new Uint8Array(door.commandBytesMax));
    expect(() => introduced(door).receive(tooLong.subarray(0, 4), 0)).toThrow(WireError);
  });

  test("treats as nonsense more commands at once than a client may have under way", () => {
    const [client, stream] = [clientPeer(door), introduced(door)];
    const [name = ""] = Object.keys(door.commands);
    const send = (): unknown => {
      client.request(largestMessage(door.commands, name), 0, someTimeMs);
      return client.takeOutput().flatMap((bytes) => stream.receive(bytes, 0));
    };
    for (let count = 0; count < 32; count += 1) expect(send()).toHaveLength(1);
    expect(send).toThrow("more requests at once than allowed");
  });

  test("answers pings, pings a quiet client, and gives up a silent one", () => {
    const [client, stream] = [clientPeer(door), introduced(door)];
    expect(stream.receive(encodeFrame("ping", 0), 1_000)).toEqual([]);
    expect(stream.takeOutput()).toEqual([encodeFrame("pong", 0)]);

    expect(stream.tick(12_000)).toBe("alive");
    expect(stream.takeOutput()).toEqual([encodeFrame("ping", 0)]);
    expect(stream.tick(45_999)).toBe("alive");
    expect(stream.tick(46_000)).toBe("silent");
    expect(client.tick(44_999).some(({ type }) => type === "down")).toBe(false);
  });
});

test("no two messages of the native protocol share a name or an id, except those of every door", () => {
  const rows = nativeDoors.flatMap(({ commands, events }) => [
    ...Object.entries(commands),
    ...Object.entries(events),
  ]);
  const once = rows.filter(([name]) => name !== "client.kicked" && name !== "client.unsupported");
  expect(new Set(once.map(([name]) => name)).size).toBe(once.length);
  expect(new Set(once.map(([, { id }]) => id)).size).toBe(once.length);
});

test("every command lists the refusals that all commands have", () => {
  for (const { commands } of nativeDoors) {
    for (const row of Object.values(commands)) {
      expect(row.refusals).toEqual(expect.arrayContaining(["unavailable", "busy", "out-of-order"]));
    }
  }
});
