import fc from "fast-check";

/*
 * Changes that make valid messages invalid. The changes are small, because almost valid input gets further
 * into the code.
 */

type Spoil<T> = (whole: T) => T;

const at = (place: number, length: number): number => (length === 0 ? 0 : place % length);

/** Wrong lengths for frames, and for texts, bytes, lists, maps and extensions of MessagePack. */
const lies = [
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0, 0, 0, 0],
  [0, 0, 0, 1],
  [0, 0, 0x10, 0],
  ...[0xc4, 0xc6, 0xc9, 0xd9, 0xdb, 0xdd, 0xdf].map((token) => [token, 0xff, 0xff, 0xff, 0xff]),
  [0xdc, 0xff, 0xff],
  [0x9f],
  [0xc1],
];

const splice = (bytes: Uint8Array, start: number, removed: number, put: Iterable<number> = []): Uint8Array =>
  Uint8Array.from([...bytes.subarray(0, start), ...put, ...bytes.subarray(start + removed)]);

const spoilOfBytes: fc.Arbitrary<Spoil<Uint8Array>> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(7)).map(([place, bit]) => (bytes: Uint8Array) => {
    const flipped = Uint8Array.from(bytes);
    const index = at(place, bytes.length);
    flipped[index] = (bytes[index] ?? 0) ^ (1 << bit);
    return flipped;
  }),
  fc.tuple(fc.oneof(fc.nat(12), fc.nat()), fc.constantFrom(...lies)).map(
    ([place, lie]) =>
      (bytes: Uint8Array) =>
        splice(bytes, at(place, bytes.length), lie.length, lie),
  ),
  fc.nat().map((place) => (bytes: Uint8Array) => bytes.slice(0, at(place, bytes.length))),
  fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map((more) => (bytes: Uint8Array) => splice(bytes, bytes.length, 0, more)),
  fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })).map(
    ([place, more]) =>
      (bytes: Uint8Array) =>
        splice(bytes, at(place, bytes.length), 0, more),
  ),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 8 })).map(
    ([place, count]) =>
      (bytes: Uint8Array) =>
        splice(bytes, at(place, bytes.length), count),
  ),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 })).map(([place, count]) => (bytes: Uint8Array) => {
    const start = at(place, bytes.length);
    return splice(bytes, start, 0, bytes.subarray(start, start + count));
  }),
);

const spoilOfText: fc.Arbitrary<Spoil<string>> = fc.oneof(
  fc
    .tuple(fc.nat(), fc.string({ unit: "binary", minLength: 1, maxLength: 3 }))
    .map(([place, put]) => (text: string) => {
      const index = at(place, text.length);
      return text.slice(0, index) + put + text.slice(index + put.length);
    }),
  fc.nat().map((place) => (text: string) => text.slice(0, at(place, text.length))),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 8 })).map(
    ([place, count]) =>
      (text: string) =>
        text.slice(0, at(place, text.length)) + text.slice(at(place, text.length) + count),
  ),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 })).map(([place, count]) => (text: string) => {
    const start = at(place, text.length);
    return text.slice(0, start + count) + text.slice(start);
  }),
  fc
    .tuple(
      fc.nat(),
      fc.constantFrom("\n", "\r\n", "\n\n", ":", ",", "\0", "{", "[", '"', "-1", "1e999", "99999999999"),
    )
    .map(
      ([place, put]) =>
        (text: string) =>
          text.slice(0, at(place, text.length)) + put + text.slice(at(place, text.length)),
    ),
);

/** Any MessagePack value, including values that no message table allows. */
export const anyPacked: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      null,
      true,
      false,
      -1,
      0.5,
      Number.NaN,
      2 ** 53,
      "__proto__",
      "constructor",
      "toString",
      "",
    ),
    fc.string({ maxLength: 40 }),
    fc.maxSafeNat(),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 14 }),
  ),
})).value;

/** Replaces a value by another value of the same message, by a value of another type, or by nothing. */
const spoilOfPacked: fc.Arbitrary<Spoil<unknown[]>> = fc.oneof(
  fc.tuple(fc.nat(), anyPacked).map(
    ([place, junk]) =>
      (values: unknown[]) =>
        values.with(at(place, values.length), junk),
  ),
  fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => (values: unknown[]) => {
    const [a, b] = [at(from, values.length), at(to, values.length)];
    return values.with(a, values[b]).with(b, values[a]);
  }),
  fc.nat().map((place) => (values: unknown[]) => values.toSpliced(at(place, values.length), 1)),
  anyPacked.map((junk) => (values: unknown[]) => [...values, junk]),
);

const spoilDeep: fc.Arbitrary<Spoil<unknown[]>> = fc
  .tuple(spoilOfPacked, fc.array(fc.nat(), { maxLength: 2 }))
  .map(
    ([spoil, way]) =>
      (values: unknown[]) =>
        descend(values, way, spoil),
  );

function descend(values: unknown[], [place, ...way]: readonly number[], spoil: Spoil<unknown[]>): unknown[] {
  if (values.length === 0) return values;
  if (place === undefined) return spoil(values);
  const index = at(place, values.length);
  const inner = values[index];
  return Array.isArray(inner) ? values.with(index, descend(inner, way, spoil)) : spoil(values);
}

const spoiled = <T>(valid: fc.Arbitrary<T>, spoil: fc.Arbitrary<Spoil<T>>, least: number): fc.Arbitrary<T> =>
  fc
    .tuple(valid, fc.array(spoil, { minLength: least, maxLength: 3 }))
    .map(([whole, spoils]) => spoils.reduce((sofar, each) => each(sofar), whole));

/** Spoils the bytes. Sometimes it leaves them valid. */
export const spoiledBytes = (valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  spoiled(valid, spoilOfBytes, 0);
export const spoiledText = (valid: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  spoiled(valid, spoilOfText, 0);
export const spoiledPacked = (valid: fc.Arbitrary<unknown[]>): fc.Arbitrary<unknown[]> =>
  spoiled(valid, spoilDeep, 1);

/** Returns the list with duplicates, in another order, or with gaps. */
export const outOfOrder = <T>(things: fc.Arbitrary<T[]>): fc.Arbitrary<T[]> =>
  spoiled(
    things,
    fc
      .tuple(fc.constantFrom("twice", "exchanged", "missing"), fc.nat(), fc.nat())
      .map(([how, from, to]) => (all: T[]) => {
        if (all.length === 0) return all;
        const [a, b] = [at(from, all.length), at(to, all.length)];
        if (how === "missing") return all.toSpliced(a, 1);
        if (how === "twice") return all.toSpliced(b, 0, all[a] as T);
        return all.with(a, all[b] as T).with(b, all[a] as T);
      }),
    0,
  );

/** The lengths of the pieces into which a stream is cut. They repeat until the stream ends. */
export const anyCuts: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
  fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 3 }),
);

export function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + (cuts[pieces.length % cuts.length] ?? 1);
    pieces.push(bytes.slice(start, end));
    start = end;
  }
  return pieces;
}

/** Sends the pieces, with a bounded number of pauses between them. */
export async function inPieces(
  pieces: readonly Uint8Array[],
  take: (piece: Uint8Array) => void,
  pause: () => Promise<void>,
): Promise<void> {
  const piecesAPause = Math.ceil(pieces.length / pausesMax);
  for (const [index, piece] of pieces.entries()) {
    take(piece);
    if (index % piecesAPause === 0) await pause();
  }
  await pause();
}

const pausesMax = 12;

export const joined = (chunks: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));
