import { WireError } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { LongRequests } from "../src/long-requests.ts";
import { frameOf } from "../src/tcp/request-frames.ts";
import { ResourceDialect } from "../src/tcp/resource-dialect.ts";

const opened = (long = new LongRequests(1)) => {
  const dialect = new ResourceDialect(long);
  return { dialect, stream: dialect.open() };
};
const sent = (value: object): Uint8Array => frameOf(JSON.stringify(value));
const lengthOf = (bytes: number): Uint8Array => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
};
const told = (chunks: readonly Uint8Array[]): unknown[] =>
  chunks.map((chunk) => JSON.parse(Buffer.from(chunk).subarray(4).toString()));
const envelope = { identity: "ada", token: "t" };
/** 1 and 8 MiB, as docs/protocol/resource.md says. */
const [usualBytesMax, longBytesMax] = [1_048_576, 8_388_608];
/** A request of so many bytes. */
const sized = (type: number, bytes: number): Uint8Array => {
  const file = "A".repeat(bytes - JSON.stringify({ type, ...envelope, file: "" }).length);
  return sent({ type, ...envelope, file });
};

describe("a request over TCP", () => {
  test("becomes the command of its name, with its fields, its token and its identity", () => {
    const { stream } = opened();
    const [command, ...others] = stream.receive(sent({ type: 8, ...envelope, entry_id: 7 }), 0);
    expect(others).toEqual([]);
    expect(command?.command).toEqual({
      type: "GetEntry",
      asked: { identity: "ada", token: "t", fields: { entry_id: 7 } },
    });
  });

  test("is answered by success and data", () => {
    const { stream } = opened();
    const [command] = stream.receive(sent({ type: 21, ...envelope }), 0);
    stream.answer(command?.answerTo ?? 0, { ok: true, value: { data: [3] } }, 0);
    expect(told(stream.takeOutput())).toEqual([{ success: true, data: [3] }]);
    expect(stream.isFinished).toBe(false);
  });

  test.each([
    [{ ok: false, refusal: "access-denied" }, "Access Denied"],
    [{ ok: false, refusal: "invalid", detail: "score: missing" }, "Bad request. score: missing"],
    [
      { ok: false, refusal: "unavailable", retryAfterMs: 1_000 },
      "Unavailable. the database does not answer; the request may have been carried out or not",
    ],
  ] as const)("that is refused by %j is answered by a sentence", (answer, data) => {
    const { stream } = opened();
    stream.receive(sent({ type: 1, ...envelope }), 0);
    stream.answer(1, answer, 0);
    expect(told(stream.takeOutput())).toEqual([{ success: false, data, refusal: answer.refusal }]);
  });

  test.each([0, 22, -1, 1.5, "1", null])("of the type %j is unknown, and the next one is read", (type) => {
    const { stream } = opened();
    const commands = stream.receive(Buffer.concat([sent({ type, ...envelope }), sent({ type: 1 })]), 0);
    expect(commands.map(({ command }) => command.type)).toEqual(["unknown", "ListLeaderboards"]);
    stream.answer(1, { ok: false, refusal: "unknown-type" }, 0);
    expect(stream.isFinished).toBe(false);
  });

  test.each(["", "{", "[]", "null", "1", '"x"', '{"type":1', "\ud800"])(
    "with the text %j is answered once, and then the connection ends",
    (text) => {
      const { stream } = opened();
      const commands = stream.receive(
        Buffer.concat([sent({ type: 1 }), frameOf(text), sent({ type: 1 })]),
        0,
      );
      expect(commands.map(({ command }) => command.type)).toEqual(["ListLeaderboards", "unreadable"]);
      expect(stream.receive(sent({ type: 1 }), 0)).toEqual([]);
      stream.answer(1, { ok: true, value: { data: [] } }, 0);
      expect(stream.isFinished).toBe(false);
      stream.answer(2, { ok: false, refusal: "malformed" }, 0);
      expect(stream.isFinished).toBe(true);
    },
  );

  test("that is not UTF-8 is unreadable", () => {
    const { stream } = opened();
    const frame = Buffer.concat([lengthOf(12), Buffer.from('{"type":1}'), Buffer.from([0xff, 0x20])]);
    expect(stream.receive(frame, 0)[0]?.command.type).toBe("unreadable");
  });

  test("of more than 8 MiB is refused before it comes", () => {
    expect(opened().stream.receive(lengthOf(longBytesMax), 0)).toEqual([]);
    const [command] = opened().stream.receive(lengthOf(longBytesMax + 1), 0);
    expect(command?.command).toMatchObject({ type: "unreadable", refused: { refusal: "too-long" } });
  });

  test("of more than 1 MiB is taken if it has a proof, and refused otherwise", () => {
    const first = (bytes: Uint8Array) => opened().stream.receive(bytes, 0)[0]?.command;
    const tooLong = { type: "unreadable", refused: { refusal: "too-long" } };
    for (const bytes of [usualBytesMax + 1, longBytesMax])
      expect(first(sized(18, bytes))?.type).toBe("AddProof");
    expect(first(sized(13, usualBytesMax))?.type).toBe("AddComment");
    expect(first(sized(13, usualBytesMax + 1))).toMatchObject(tooLong);
  });

  test.each([5_000, 400_000])("with %i parts is not even parsed", (parts) => {
    const { stream } = opened();
    const [command] = stream.receive(frameOf(`{"type":18,"file":[${"[],".repeat(parts / 2)}0]}`), 0);
    expect(command?.command).toMatchObject({ type: "unreadable", refused: { refusal: "too-long" } });
  });

  test("of 4,000 commas and brackets is parsed, and of two more it is not", () => {
    // Two are not in the text.
    const typeOf = (parts: number) =>
      opened().stream.receive(frameOf(`{"type":13,"content":"${",[".repeat((parts - 2) / 2)}"}`), 0)[0]
        ?.command.type;
    expect([typeOf(4_000), typeOf(4_002)]).toEqual(["AddComment", "unreadable"]);
  });

  test("may have a comment of a thousand commas", () => {
    const content = ",".repeat(1_000);
    const [command] = opened().stream.receive(sent({ type: 13, ...envelope, content }), 0);
    expect(command?.command).toMatchObject({ type: "AddComment", asked: { fields: { content } } });
  });

  test("of more than 1 MiB waits for no other: a further one is refused until the first is answered or gone", () => {
    const long = new LongRequests(1);
    const [first, second, third] = [opened(long), opened(long), opened(long)];
    const length = lengthOf(usualBytesMax + 1);
    expect(first.stream.receive(length, 0)).toEqual([]);
    expect(second.stream.receive(length, 0)[0]?.command).toMatchObject({ refused: { refusal: "busy" } });
    first.dialect.ended();
    first.dialect.ended();
    expect(third.stream.receive(length, 0)).toEqual([]);
    const [command] = third.stream.receive(new Uint8Array(usualBytesMax + 1), 0);
    expect(opened(long).stream.receive(length, 0)).toHaveLength(1);
    third.stream.answer(command?.answerTo ?? 0, { ok: false, refusal: "malformed" }, 0);
    expect(opened(long).stream.receive(length, 0)).toEqual([]);
  });

  test("of more than 1 MiB is taken from strangers only while half of the places are free", () => {
    const long = new LongRequests(4);
    const length = lengthOf(usualBytesMax + 1);
    const known = Array.from({ length: 3 }, () => {
      const { stream } = opened(long);
      const [command] = stream.receive(sent({ type: 21, ...envelope }), 0);
      stream.answer(command?.answerTo ?? 0, { ok: true, value: { data: 3 } }, 0);
      return stream;
    });
    const refusedOf = ({ stream }: ReturnType<typeof opened>) => stream.receive(length, 0).length;
    const refused = opened(long);
    refused.stream.receive(sent({ type: 21, ...envelope }), 0);
    refused.stream.answer(1, { ok: false, refusal: "token" }, 0);
    expect([opened(long), opened(long), opened(long), refused].map(refusedOf)).toEqual([0, 0, 1, 1]);
    expect(known.map((stream) => stream.receive(length, 0).length)).toEqual([0, 0, 1]);
  });

  test("that stops in its middle for a minute ends the connection, and silence between requests does not", () => {
    const { stream } = opened();
    expect(stream.tick(1_000_000)).toBe("alive");
    stream.receive(sent({ type: 1 }).subarray(0, 6), 1_000_000);
    expect(stream.tick(1_059_999)).toBe("alive");
    stream.receive(Uint8Array.of(0x79), 1_059_999);
    expect(stream.tick(1_060_000)).toBe("silent");
  });

  test("may be sent before the answer to another, but only a few", () => {
    const { stream } = opened();
    const request = sent({ type: 1, ...envelope });
    expect(() => {
      for (let count = 0; count < 64; count += 1) stream.receive(request, 0);
    }).not.toThrow();
    expect(() => stream.receive(request, 0)).toThrow(WireError);
  });

  test("may be sent before the answer to another, but only a few megabytes", () => {
    const { stream } = opened();
    const request = sent({ type: 13, content: "x".repeat(900_000) });
    for (let count = 0; count < 11; count += 1) stream.receive(request, 0);
    expect(() => stream.receive(request, 0)).toThrow(WireError);
    const patient = opened().stream;
    for (let count = 1; count < 50; count += 1) {
      const [command] = patient.receive(request, 0);
      patient.answer(command?.answerTo ?? 0, { ok: false, refusal: "token" }, 0);
    }
  });
});
