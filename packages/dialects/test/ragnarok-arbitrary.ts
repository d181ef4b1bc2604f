import fc from "fast-check";
import { codePages, type Field, type Fields, type PacketTable, writePacket } from "../src/ragnarok/index.ts";
import { versionsIn } from "./ragnarok-bytes.ts";

/** Generates the bytes of any packet that a client of this PACKETVER can send. */
export function arbitraryPacket(
  { heard, passedOver }: { readonly heard: PacketTable; readonly passedOver: PacketTable },
  packetVer: number,
): fc.Arbitrary<Uint8Array> {
  const written = (table: PacketTable) =>
    versionsIn(table, packetVer).map(({ version }) =>
      arbitraryValues(version.fields).map((values) => writePacket(version, values)),
    );
  return fc.oneof(
    { weight: 4, arbitrary: fc.oneof(...written(heard)) },
    { weight: 1, arbitrary: fc.oneof(...written(passedOver)) },
  );
}

/** Clients never send a NUL inside a text. */
const character = fc.integer({ min: 1, max: 255 });

function arbitraryText(bytesMax: number): fc.Arbitrary<string> {
  return fc
    .array(character, { maxLength: Math.min(bytesMax, 100) })
    .map((bytes) => codePages["windows-1252"].read(Uint8Array.from(bytes)));
}

const coordinate = fc.nat(1_023);
const cell = fc.record({ x: coordinate, y: coordinate }, { noNullPrototype: true });

function arbitraryField({ kind }: Field<unknown>): fc.Arbitrary<unknown> {
  switch (kind.type) {
    case "uint":
      return fc.oneof(fc.nat(kind.max), fc.constantFrom(0, 1, kind.max));
    case "text":
      return arbitraryText(kind.bytesMax);
    case "blocks":
      return fc.array(arbitraryValues(kind.fields), { maxLength: 4 });
    case "line":
      return fc.array(character, { maxLength: 100 }).map((bytes) => Uint8Array.from(bytes));
    case "bytes":
      return fc.uint8Array({ maxLength: 50 });
    case "sex":
      return fc.constantFrom("female", "male");
    case "ipv4":
      return fc.ipV4();
    case "pos3":
      return fc.record({ x: coordinate, y: coordinate, dir: fc.nat(15) }, { noNullPrototype: true });
    case "move6":
      return fc.record({ from: cell, to: cell }, { noNullPrototype: true });
    case "unused":
      return fc.constant(undefined);
  }
}

/** Generates values for all fields except the unused ones. */
export function arbitraryValues(fields: Fields): fc.Arbitrary<object> {
  const named = Object.entries(fields).filter(([, each]) => each.kind.type !== "unused");
  return fc.record(Object.fromEntries(named.map(([name, each]) => [name, arbitraryField(each)])), {
    noNullPrototype: true,
  });
}
