import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameOf, RequestFrames, type TakenFrame } from "../src/tcp/request-frames.ts";

const cutInto = (bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...pieces, bytes.subarray(at)];
};
const readAll = (frames: RequestFrames, pieces: readonly Uint8Array[]): TakenFrame[] =>
  pieces.flatMap((piece) => [...frames.push(piece)]);
const textOf = (frame: TakenFrame): string =>
  frame.type === "frame" ? Buffer.from(frame.bytes).toString() : frame.why;

describe("frames", () => {
  test("have a length of four bytes, the highest first, which counts bytes", () => {
    expect(Buffer.from(frameOf('{"é":1}')).toString("hex")).toBe(
      `00000008${Buffer.from('{"é":1}').toString("hex")}`,
    );
  });

  test("come in any pieces", () => {
    const texts = fc.array(fc.string({ maxLength: 3_000 }), { maxLength: 5 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat({ max: 700 }), { maxLength: 30 }), (sent, sizes) => {
        const frames = new RequestFrames(() => null);
        const bytes = Buffer.concat(sent.map(frameOf));
        const expected = sent.map((text) => new TextDecoder().decode(new TextEncoder().encode(text)));
        expect(readAll(frames, cutInto(bytes, sizes)).map(textOf)).toEqual(expected);
        expect(frames.isWaiting).toBe(false);
      }),
    );
  });

  test("that are not admitted are refused before their bytes come, and nothing after them is read", () => {
    const frames = new RequestFrames((length) => (length > 10 ? "too-long" : null));
    const bytes = Buffer.concat([frameOf("short"), Buffer.from("7fffffff", "hex"), frameOf("short")]);
    expect(readAll(frames, [bytes]).map(textOf)).toEqual(["short", "too-long"]);
    expect([...frames.push(frameOf("short"))]).toEqual([]);
  });

  test("that are not complete are waited for", () => {
    const frames = new RequestFrames(() => null);
    for (const byte of frameOf("ab").subarray(0, 5)) {
      expect([...frames.push(Uint8Array.of(byte))]).toEqual([]);
      expect(frames.isWaiting).toBe(true);
    }
    expect([...frames.push(Buffer.from("b"))].map(textOf)).toEqual(["ab"]);
    expect(frames.isWaiting).toBe(false);
  });
});
