import {
  type FieldKind,
  type Fields,
  isRequestRow,
  type MessageName,
  type MessageOf,
  type MessageRow,
  type MessageTable,
  type ReplyOf,
  type RequestName,
} from "@sallyport/wire";
import fc from "fast-check";

/** Values at which MessagePack, or a number with fewer bits, changes its encoding. */
const uintEdges = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000];
/**
 * Maximum number of elements of a drawn value. Longer values take too long to draw repeatedly. `largestField`
 * covers them.
 */
const drawnMax = 4_096;

/**
 * Draws values that a field of this kind may hold. Bounds of the field are drawn more often than by chance.
 */
export function arbitraryField(kind: FieldKind): fc.Arbitrary<unknown> {
  switch (kind.type) {
    case "uint": {
      const edges = [...uintEdges, kind.max - 1, kind.max].filter((edge) => edge <= kind.max);
      return fc.oneof(fc.nat(kind.max), fc.constantFrom(...edges));
    }
    case "text":
      return arbitraryText(kind.charsMax);
    case "bytes": {
      const drawn = fc.uint8Array({
        minLength: kind.bytesMin,
        maxLength: Math.max(kind.bytesMin, Math.min(kind.bytesMax, drawnMax)),
      });
      return fc.oneof({ weight: 8, arbitrary: drawn }, { weight: 1, arbitrary: lengthsAt(kind) });
    }
    case "flag":
      return fc.boolean();
    case "one-of":
      return fc.constantFrom(...kind.values);
    case "list":
      return fc.array(arbitraryField(kind.of.kind), { maxLength: Math.min(kind.countMax, drawnMax) });
    case "record":
      return arbitraryValues(kind.fields);
    case "nullable":
      return fc.option(arbitraryField(kind.of.kind), { nil: null });
  }
}

function arbitraryText(charsMax: number): fc.Arbitrary<string> {
  const drawnCharsMax = Math.min(charsMax, drawnMax);
  return fc.oneof(
    fc.string({ maxLength: drawnCharsMax }),
    // `charsMax` counts UTF-16 units, and a code point takes up to two.
    fc.string({ unit: "binary", maxLength: Math.floor(drawnCharsMax / 2) }),
    fc.constantFrom("", "\uFEFF", "\0", "x".repeat(drawnCharsMax), "\uFFFD".repeat(drawnCharsMax)),
  );
}

function lengthsAt({ bytesMin, bytesMax }: { bytesMin: number; bytesMax: number }): fc.Arbitrary<Uint8Array> {
  return fc
    .constantFrom(bytesMin, Math.min(bytesMax, Math.max(bytesMin, drawnMax)))
    .map((length) => new Uint8Array(length).fill(0xc1));
}

function arbitraryValues(fields: Fields): fc.Arbitrary<object> {
  return fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, arbitraryField(each.kind)])),
    { noNullPrototype: true },
  );
}

/** Draws messages of the table, each with the same probability. */
export function arbitraryMessage<T extends MessageTable>(table: T): fc.Arbitrary<MessageOf<T>> {
  const each = Object.entries(table).map(([type, row]) =>
    arbitraryValues(row.fields).map((values) => ({ ...values, type })),
  );
  return fc.oneof(...each) as fc.Arbitrary<MessageOf<T>>;
}

export function arbitraryReply<T extends MessageTable, N extends RequestName<T>>(
  table: T,
  name: N,
): fc.Arbitrary<ReplyOf<T, N>> {
  return arbitraryValues(replyFields(table, name)) as fc.Arbitrary<ReplyOf<T, N>>;
}

/** Returns the value of this kind that takes the most bytes. */
export function largestField(kind: FieldKind): unknown {
  switch (kind.type) {
    case "uint":
      return kind.max;
    case "text":
      // This character takes three bytes in UTF-8 and only one UTF-16 unit. A character of four bytes takes
      // two units.
      return "\uFFFD".repeat(kind.charsMax);
    case "bytes":
      return new Uint8Array(kind.bytesMax);
    case "flag":
      return true;
    case "one-of":
      return [...kind.values].sort((a, b) => b.length - a.length)[0];
    case "list":
      return new Array(kind.countMax).fill(largestField(kind.of.kind));
    case "record":
      return largestValues(kind.fields);
    case "nullable":
      return largestField(kind.of.kind);
  }
}

function largestValues(fields: Fields): object {
  return Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, largestField(each.kind)]));
}

/**
 * Returns the largest message of one row. If this message fits in a frame, no message of the row can break a
 * link.
 */
export function largestMessage<T extends MessageTable, N extends MessageName<T>>(
  table: T,
  name: N,
): MessageOf<T, N> {
  return { ...largestValues(rowOf(table, name).fields), type: name } as MessageOf<T, N>;
}

export function largestReply<T extends MessageTable, N extends RequestName<T>>(
  table: T,
  name: N,
): ReplyOf<T, N> {
  return largestValues(replyFields(table, name)) as ReplyOf<T, N>;
}

function rowOf(table: MessageTable, name: string): MessageRow {
  const row = table[name];
  if (row === undefined) throw new Error(`no message ${name} in this table`);
  return row;
}

function replyFields(table: MessageTable, name: string): Fields {
  const row = rowOf(table, name);
  if (!isRequestRow(row)) throw new Error(`${name} is a notice`);
  return row.reply;
}
