import { isDeepStrictEqual } from "node:util";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import { type Decoder, judge, type Tally } from "./decoder.ts";
import { anyCuts, cut, joined, spoiledBytes } from "./spoil.ts";

/** A reader of a byte stream. It refuses invalid input with a `WireError`. */
export interface Stream {
  /** Returns the values that the chunk completes, in their order. */
  receive(chunk: Uint8Array): readonly unknown[];
  /** Returns all bytes that it has sent so far. */
  said(): readonly Uint8Array[];
}

export interface StreamDecoderOptions {
  readonly name: string;
  readonly bytes: fc.Arbitrary<Uint8Array>;
  readonly open: () => Stream;
}

interface Outcome {
  readonly out: readonly unknown[];
  readonly said: Uint8Array;
  /** The message of the error that ended the stream. Null while the stream continues. */
  readonly ended: string | null;
}

/** Returns streams of valid messages, of spoiled messages, or of random bytes. */
export const anyStream = (messages: fc.Arbitrary<Uint8Array[]>): fc.Arbitrary<Uint8Array> => {
  const valid = messages.map(joined);
  return fc.oneof(
    { weight: 2, arbitrary: valid },
    { weight: 5, arbitrary: spoiledBytes(valid) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
};

/** Longer streams are not fed byte by byte, because that would take too many calls. */
const singlyMax = 3_000;

/**
 * Tests that the cuts of the input make no difference: the same values come out, and the same error ends the
 * stream. Values that come before invalid input in the same piece may be lost, as if the client had
 * disconnected a moment earlier.
 */
export const streamDecoder = ({ name, bytes, open }: StreamDecoderOptions): Decoder => ({
  name,
  property: (tally) =>
    fc.property(bytes, anyCuts, (stream, cuts) => {
      const whole = read(tally, open(), [stream]);
      compare(whole, read(none(), open(), cut(stream, cuts)));
      if (stream.length <= singlyMax) compare(whole, read(none(), open(), cut(stream, [1])));
    }),
});

const none = (): Tally => ({ taken: 0, refused: 0 });

function read(tally: Tally, stream: Stream, chunks: readonly Uint8Array[]): Outcome {
  const out: unknown[] = [];
  const inputBytes = chunks.reduce((sum, { length }) => sum + length, 0);
  const verdict = judge(tally, WireError, inputBytes, () => {
    for (const chunk of chunks) out.push(...stream.receive(chunk));
  });
  return { out, said: joined(stream.said()), ended: verdict.taken ? null : verdict.why };
}

function compare(whole: Outcome, inPieces: Outcome): void {
  if (whole.ended !== inPieces.ended) {
    throw new Error(`ended by ${whole.ended} in one piece, by ${inPieces.ended} in several`);
  }
  const { length } = whole.out;
  const first = inPieces.out.slice(0, whole.ended === null ? undefined : length);
  if (inPieces.out.length < length || !isDeepStrictEqual(first, whole.out)) {
    throw new Error("cut otherwise, something else comes out");
  }
  if (whole.ended === null && !isDeepStrictEqual(inPieces.said, whole.said)) {
    throw new Error("cut otherwise, it says something else");
  }
}
