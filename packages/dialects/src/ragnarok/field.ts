import type { Cell, Sex } from "@sallyport/domain";
import { entriesOf, WireError } from "@sallyport/wire";
import { beforeNul, type CodePage, clientTextBytes } from "./code-page.ts";

/** The kind of a field. The reference page and the generators of test data use it. */
export type FieldKind =
  | { readonly type: "uint"; readonly max: number }
  | { readonly type: "text"; readonly bytesMax: number }
  | { readonly type: "bytes" | "line" | "sex" | "ipv4" | "pos3" | "move6" | "unused" }
  | { readonly type: "blocks"; readonly fields: Fields };

export interface Field<out T> {
  readonly kind: FieldKind;
  readonly doc: string;
  /** The number of bytes. `rest` means all bytes up to the end of the packet. */
  readonly size: number | "rest";
  /** The value that is written if the caller passes none. */
  readonly fallback?: T;
  /** Reads the value. `bytes` must be exactly the bytes of the field. */
  read(bytes: Uint8Array, codePage: CodePage): T;
  /** Returns the number of bytes of a value if `size` is `rest`, and otherwise 0. */
  sizeOf(value: unknown, codePage: CodePage): number;
  /** Writes the value. `into` must be exactly the bytes of the field, and all of them must be zero. */
  write(value: unknown, into: Uint8Array, codePage: CodePage): void;
}

/** Fields in the order of their bytes. */
export type Fields = { readonly [name: string]: Field<unknown> };
export type Unused = Field<never>;
export type ValueOf<F> = F extends Field<infer T> ? T : never;
type Named<F extends Fields> = {
  [K in keyof F]: [ValueOf<F[K]>] extends [never] ? never : K;
}[keyof F];
type Optional<F extends Fields> = {
  [K in Named<F>]: F[K] extends { fallback: unknown } ? K : never;
}[Named<F>];

export type ValuesOf<F extends Fields> = { readonly [K in Named<F>]: ValueOf<F[K]> };
/** The values that a caller passes for writing. Values of fields with a fallback are optional. */
export type GivenFor<F extends Fields> = {
  readonly [K in Exclude<Named<F>, Optional<F>>]: ValueOf<F[K]>;
} & { readonly [K in Optional<F>]?: ValueOf<F[K]> };

function field<T>(of: Omit<Field<T>, "sizeOf"> & Partial<Pick<Field<T>, "sizeOf">>): Field<T> {
  return { sizeOf: () => 0, ...of };
}

/** A little-endian number. If the value is too large, the largest possible number is written. */
function uint(bytes: 1 | 2 | 4, doc: string): Field<number> {
  const max = 2 ** (8 * bytes) - 1;
  return field({
    kind: { type: "uint", max },
    doc,
    size: bytes,
    read: (from) => {
      let value = 0;
      for (let at = bytes - 1; at >= 0; at -= 1) value = value * 256 + (from[at] ?? 0);
      return value;
    },
    write: (value, into) => {
      const held = Math.min(max, value as number);
      for (let at = 0; at < bytes; at += 1) into[at] = held >>> (8 * at);
    },
  });
}
export const u8 = (doc = ""): Field<number> => uint(1, doc);
export const u16 = (doc = ""): Field<number> => uint(2, doc);
export const u32 = (doc = ""): Field<number> => uint(4, doc);

export function orElse<T>(of: Field<T>, fallback: T): Field<T> & { readonly fallback: T } {
  return { ...of, fallback };
}
export const zero8 = (doc = ""): Field<number> & { fallback: number } => orElse(u8(doc), 0);
export const zero16 = (doc = ""): Field<number> & { fallback: number } => orElse(u16(doc), 0);
export const zero32 = (doc = ""): Field<number> & { fallback: number } => orElse(u32(doc), 0);

const readText = (bytes: Uint8Array, codePage: CodePage): string => codePage.read(beforeNul(bytes));
const wholeText = (value: unknown, codePage: CodePage): Uint8Array =>
  clientTextBytes(value as string, codePage, Number.POSITIVE_INFINITY);

/** A text that is padded with NULs. A text that fills the field has no NUL. */
export function text(bytes: number, doc = ""): Field<string> {
  return field({
    kind: { type: "text", bytesMax: bytes },
    doc,
    size: bytes,
    read: readText,
    write: (value, into, codePage) => into.set(clientTextBytes(value as string, codePage, bytes)),
  });
}

/** Size in bytes of a field for a character name, with a NUL at the end. */
export const nameBytes = 24;

/** A text up to the end of the packet. `write` adds a NUL. */
export function restText(doc = ""): Field<string> {
  return field({
    kind: { type: "text", bytesMax: Number.POSITIVE_INFINITY },
    doc,
    size: "rest",
    read: readText,
    sizeOf: (value, codePage) => wholeText(value, codePage).length + 1,
    write: (value, into, codePage) => into.set(wholeText(value, codePage)),
  });
}

/** The bytes of a text up to the end of the packet. `write` adds a NUL. */
export function restLine(doc = ""): Field<Uint8Array> {
  return field({
    kind: { type: "line" },
    doc,
    size: "rest",
    read: (from) => new Uint8Array(beforeNul(from)),
    sizeOf: (value) => (value as Uint8Array).length + 1,
    write: (value, into) => into.set(value as Uint8Array),
  });
}

export function restBytes(doc = ""): Field<Uint8Array> {
  return field({
    kind: { type: "bytes" },
    doc,
    size: "rest",
    read: (from) => new Uint8Array(from),
    sizeOf: (value) => (value as Uint8Array).length,
    write: (value, into) => into.set(value as Uint8Array),
  });
}

/** Bytes without a meaning. They are written as zeros, and ignored when they are read. */
export function unused(bytes: number): Unused {
  return field<never>({
    kind: { type: "unused" },
    doc: "",
    size: bytes,
    read: () => undefined as never,
    write: () => undefined,
  });
}

export function sex(doc = ""): Field<Sex> {
  return field({
    kind: { type: "sex" },
    doc,
    size: 1,
    read: (from) => (from[0] === 0 ? "female" : "male"),
    write: (value, into) => into.set([value === "female" ? 0 : 1]),
  });
}

export function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

/** An IPv4 address in network byte order. */
export function ipv4(doc = ""): Field<string> {
  return field({
    kind: { type: "ipv4" },
    doc,
    size: 4,
    read: (from) => from.join("."),
    write: (value, into) => {
      if (!isIpv4(value as string)) throw new TypeError("not an IPv4 address");
      into.set((value as string).split(".").map(Number));
    },
  });
}

export interface Facing extends Cell {
  /** The direction: 0 is north, 2 west, 4 south, 6 east. */
  readonly dir: number;
}
/** A part of a walk. Clients find the path between the two cells themselves. */
export interface Leg {
  readonly from: Cell;
  readonly to: Cell;
}

const coordinateMax = 1_023;
const clipped = (coordinate: number): number => Math.min(coordinateMax, coordinate);

/** Three bytes: 10 bits x, 10 bits y, 4 bits direction, most significant bit first. */
export function pos3(doc = ""): Field<Facing> {
  return field({
    kind: { type: "pos3" },
    doc,
    size: 3,
    read: ([a = 0, b = 0, c = 0]) => ({ x: (a << 2) | (b >> 6), y: ((b & 63) << 4) | (c >> 4), dir: c & 15 }),
    write: (value, into) => {
      const { dir, ...cell } = value as Facing;
      const [x, y] = [clipped(cell.x), clipped(cell.y)];
      into.set([x >> 2, ((x & 3) << 6) | (y >> 4), ((y & 15) << 4) | dir]);
    },
  });
}

/** Walks begin and end in the middle of a cell. These 8 bits say so for both cells. */
const middles = 0x88;

/**
 * Six bytes: 10 bits each for x0, y0, x1 and y1, then 4 bits each for the place within the first and the last
 * cell. Most significant bit first.
 */
export function move6(doc = ""): Field<Leg> {
  return field({
    kind: { type: "move6" },
    doc,
    size: 6,
    read: ([a = 0, b = 0, c = 0, d = 0, e = 0]) => ({
      from: { x: (a << 2) | (b >> 6), y: ((b & 63) << 4) | (c >> 4) },
      to: { x: ((c & 15) << 6) | (d >> 2), y: ((d & 3) << 8) | e },
    }),
    write: (value, into) => {
      const { from, to } = value as Leg;
      const [x0, y0, x1, y1] = [from.x, from.y, to.x, to.y].map(clipped) as [number, number, number, number];
      into.set([
        x0 >> 2,
        ((x0 & 3) << 6) | (y0 >> 4),
        ((y0 & 15) << 4) | (x1 >> 6),
        ((x1 & 63) << 2) | (y1 >> 8),
        y1 & 255,
        middles,
      ]);
    },
  });
}

/** The same fields, repeated up to the end of the packet. */
export function blocks<F extends Fields>(fields: F, doc = ""): Field<readonly GivenFor<F>[]> {
  const size = sizeOfFields(fields);
  return field<readonly GivenFor<F>[]>({
    kind: { type: "blocks", fields },
    doc,
    size: "rest",
    read: (from, codePage) => {
      if (from.length % size !== 0) throw new WireError("blocks", "the last is not whole");
      return Array.from(
        { length: from.length / size },
        (_, i) => readFields(fields, from.subarray(i * size, (i + 1) * size), codePage) as GivenFor<F>,
      );
    },
    sizeOf: (value) => (value as readonly unknown[]).length * size,
    write: (value, into, codePage) => {
      for (const [i, each] of (value as readonly object[]).entries()) {
        writeFields(fields, each, into.subarray(i * size, (i + 1) * size), codePage);
      }
    },
  });
}

/** Returns the number of bytes of all fields. A field with the size `rest` counts as 0. */
export function sizeOfFields(fields: Fields): number {
  let sum = 0;
  for (const [, { size }] of entriesOf(fields)) sum += size === "rest" ? 0 : size;
  return sum;
}

export function readFields<F extends Fields>(fields: F, bytes: Uint8Array, codePage: CodePage): ValuesOf<F> {
  const values: Record<string, unknown> = {};
  let at = 0;
  for (const [name, each] of entriesOf(fields)) {
    const end = each.size === "rest" ? bytes.length : at + each.size;
    if (each.kind.type !== "unused") values[name] = each.read(bytes.subarray(at, end), codePage);
    at = end;
  }
  return values as ValuesOf<F>;
}

export function valueFor(name: string, of: Field<unknown>, given: object): unknown {
  const value = (given as Record<string, unknown>)[name];
  return value === undefined ? of.fallback : value;
}

export function writeFields(fields: Fields, given: object, into: Uint8Array, codePage: CodePage): void {
  let at = 0;
  for (const [name, each] of entriesOf(fields)) {
    const end = each.size === "rest" ? into.length : at + each.size;
    each.write(valueFor(name, each, given), into.subarray(at, end), codePage);
    at = end;
  }
}
