import { expect, test } from "vitest";
import { opcodes, PacketCounter } from "../src/generator/packet-counter.ts";

const units = Buffer.alloc(87 + 86);
units.writeUInt16LE(0x07f9, 0);
units.writeUInt16LE(87, 2);
units.writeUInt16LE(0x07f8, 87);
units.writeUInt16LE(86, 89);
const entered = Buffer.alloc(13);
entered.writeUInt16LE(0x02eb, 0);
const bytes = Buffer.concat([entered, units, entered]);
const [standing = 0, spawned = 0] = opcodes.units;

test.each([1, 2, 3, 50, 200])(
  "packets are counted by opcode, however they arrive: %i bytes at a time",
  (size) => {
    const counter = new PacketCounter();
    for (let at = 0; at < bytes.length; at += size)
      expect(counter.add(bytes.subarray(at, at + size))).toBe(null);
    expect([opcodes.entered, standing, spawned].map((opcode) => counter.of(opcode))).toEqual([2, 1, 1]);
  },
);

test("an opcode that map-servers do not send is reported", () => {
  expect(new PacketCounter().add(Buffer.from("ffff0000", "hex"))).toBe(0xffff);
});
