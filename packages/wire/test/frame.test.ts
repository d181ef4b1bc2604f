import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeFrame,
  encodeFrames,
  type Frame,
  type FrameKind,
  FrameSplitter,
  frameKinds,
  frameOverheadBytes,
  WireError,
} from "../src/index.ts";

const frameBytesMax = 1_024;

const arbitraryFrame: fc.Arbitrary<Frame> = fc.record(
  {
    kind: fc.constantFrom(...frameKinds),
    correlationId: fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 0xffff_ffff)),
    body: fc.uint8Array({ maxLength: 60 }),
  },
  { noNullPrototype: true },
);

const plain = (frame: Frame): Frame => ({ ...frame, body: new Uint8Array(frame.body) });
const encode = (frame: Frame): Uint8Array => encodeFrame(frame.kind, frame.correlationId, frame.body);

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  chunks.reduce((offset, chunk) => {
    all.set(chunk, offset);
    return offset + chunk.length;
  }, 0);
  return all;
}

/** Returns the header of a frame that claims to have this length. The length includes its own field. */
function header(frameBytes: number, kindByte = 0): Uint8Array {
  const bytes = new Uint8Array(frameOverheadBytes);
  new DataView(bytes.buffer).setUint32(0, frameBytes - 4);
  bytes[4] = kindByte;
  return bytes;
}

test("a frame is its length, its kind, the request id, and the body", () => {
  expect([...encodeFrame("refusal", 0x0102_0304, new Uint8Array([0xaa, 0xbb]))]).toEqual([
    0, 0, 0, 7, 2, 1, 2, 3, 4, 0xaa, 0xbb,
  ]);
  expect(encodeFrame("ping", 0)).toHaveLength(frameOverheadBytes);
});

test("frames that are encoded together follow each other without a gap", () => {
  fc.assert(
    fc.property(fc.array(arbitraryFrame, { maxLength: 8 }), (frames) => {
      expect(encodeFrames(frames)).toEqual(joined(frames.map(encode)));
    }),
  );
});

test("the number of a kind never changes", () => {
  expect(Object.fromEntries(frameKinds.map((kind) => [kind, encodeFrame(kind, 0)[4]]))).toEqual({
    request: 0,
    reply: 1,
    refusal: 2,
    notice: 3,
    ping: 4,
    pong: 5,
  } satisfies Record<FrameKind, number>);
});

describe("a splitter", () => {
  test("fed byte by byte gives each frame with its last byte, and holds only the unfinished part", () => {
    const frames: Frame[] = [
      { kind: "request", correlationId: 7, body: new Uint8Array([1, 2, 3]) },
      { kind: "ping", correlationId: 0, body: new Uint8Array(0) },
    ];
    const splitter = new FrameSplitter(frameBytesMax);
    for (const frame of frames) {
      const bytes = encode(frame);
      for (const [index, byte] of bytes.entries()) {
        const isLast = index === bytes.length - 1;
        expect([...splitter.push(new Uint8Array([byte]))].map(plain)).toEqual(isLast ? [frame] : []);
        expect(splitter.heldBytes).toBe(isLast ? 0 : index + 1);
      }
    }
  });

  test("gives the same frames however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryFrame, { maxLength: 8 }),
        fc.infiniteStream(fc.oneof(fc.nat(40), fc.nat(300))),
        (frames, cuts) => {
          const stream = joined(frames.map(encode));
          const splitter = new FrameSplitter(frameBytesMax);
          const got: Frame[] = [];
          for (let offset = 0; offset < stream.length; ) {
            const size = cuts.next().value;
            got.push(...[...splitter.push(stream.subarray(offset, offset + size))].map(plain));
            offset += size;
          }
          expect(got).toEqual(frames);
          expect(splitter.heldBytes).toBe(0);
        },
      ),
    );
  });

  test("reads a chunk that is a view into a larger buffer", () => {
    const frame: Frame = { kind: "notice", correlationId: 0, body: new Uint8Array([5, 6]) };
    const padded = joined([new Uint8Array(3).fill(0xff), encode(frame), new Uint8Array(3).fill(0xff)]);
    const splitter = new FrameSplitter(frameBytesMax);
    expect([...splitter.push(padded.subarray(3, -3))].map(plain)).toEqual([frame]);
  });

  test("accepts a frame of the allowed length, and refuses one byte more before its body arrives", () => {
    const longest = new FrameSplitter(frameBytesMax);
    expect([
      ...longest.push(encodeFrame("notice", 0, new Uint8Array(frameBytesMax - frameOverheadBytes))),
    ]).toHaveLength(1);
    const tooLong = header(frameBytesMax + 1);
    expect(() => [...new FrameSplitter(frameBytesMax).push(tooLong.subarray(0, 4))]).toThrow(WireError);
  });

  test.each([0, 1, 2, 3, 4])("refuses a length of %i, which has no room for a header", (length) => {
    expect(() => [...new FrameSplitter(frameBytesMax).push(header(length + 4))]).toThrow(WireError);
  });

  test("refuses the longest possible length without allocating for it", () => {
    const lying = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0]);
    expect(() => [...new FrameSplitter(frameBytesMax).push(lying)]).toThrow(WireError);
  });

  test.each([6, 7, 0x7f, 0xff])("refuses the unknown kind %i", (kind) => {
    expect(() => [...new FrameSplitter(frameBytesMax).push(header(frameOverheadBytes, kind))]).toThrow(
      WireError,
    );
  });

  test("answers any bytes with frames or a WireError, and never holds more than a frame", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 }), (chunks) => {
        const splitter = new FrameSplitter(200);
        try {
          for (const chunk of chunks) {
            Array.from(splitter.push(chunk));
            expect(splitter.heldBytes).toBeLessThan(200);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });

  test("holds tiny chunks in few pieces", () => {
    const bytes = encodeFrame(
      "notice",
      0,
      Uint8Array.from({ length: 8_000 }, (_, at) => at & 0xff),
    );
    const sizes = fc
      .integer({ min: 1, max: 2_000 })
      .chain((max) => fc.infiniteStream(fc.integer({ min: 1, max })));
    fc.assert(
      fc.property(fc.oneof(sizes, fc.infiniteStream(fc.constant(1))), (stream) => {
        const splitter = new FrameSplitter(bytes.length);
        const got: Frame[] = [];
        let most = 0;
        for (let at = 0; at < bytes.length; ) {
          const chunk = bytes.subarray(at, at + stream.next().value);
          at += chunk.length;
          got.push(...splitter.push(chunk));
          most = Math.max(most, splitter.heldChunks);
        }
        expect(most).toBeLessThan(50);
        expect(got.map(encode)).toEqual([bytes]);
      }),
      { numRuns: 30 },
    );
  });

  test("takes time in proportion to the bytes, even in tiny chunks", () => {
    const bytes = encodeFrame("notice", 0, new Uint8Array(200_000));
    const splitter = new FrameSplitter(bytes.length);
    const startedMs = performance.now();
    let frames = 0;
    for (let offset = 0; offset < bytes.length; offset += 1) {
      frames += [...splitter.push(bytes.subarray(offset, offset + 1))].length;
    }
    expect(frames).toBe(1);
    // Quadratic work would take minutes.
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
