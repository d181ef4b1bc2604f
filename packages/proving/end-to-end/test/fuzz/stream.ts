import { isDeepStrictEqual } from "node:util";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import { type Decoder, judge, type Tally } from "./decoder.ts";
import { anyCuts, cut, joined, spoiledBytes } from "./spoil.ts";

/** What reads a stream of bytes, piece by piece, and refuses nonsense by a `WireError`. */
export interface Stream {
  /** What came out, in an order that means something. */
  receive(chunk: Uint8Array): readonly unknown[];
  /** What it has to say by now. */
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
  /** Of the error that ended it; null: it goes on. */
  readonly ended: string | null;
}

/** From valid messages: in one piece, spoiled, or not made from any. */
export const anyStream = (messages: fc.Arbitrary<Uint8Array[]>): fc.Arbitrary<Uint8Array> => {
  const valid = messages.map(joined);
  return fc.oneof(
    { weight: 2, arbitrary: valid },
    { weight: 5, arbitrary: spoiledBytes(valid) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
};

/** Byte by byte takes as many calls. */
const singlyMax = 3_000;

/**
 * However the bytes are cut, the same comes out and the same ends it. What came in one piece with nonsense, before
 * it, may go with it: it is as if the client had hung up a moment sooner.
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
