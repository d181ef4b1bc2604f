import { CharId } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  clientPacketBytesMax,
  codePages,
  fromMapClient,
  headerBytes,
  isSpokenIn,
  PacketIndex,
  PacketReader,
  type PacketTable,
  PacketWriter,
  packetVerMax,
  packetVers,
  passedOverAtMap,
  readPacket,
  servedPacketVer,
  writePacket,
} from "../src/ragnarok/index.ts";
import { arbitraryValues } from "./ragnarok-arbitrary.ts";
import { bytesOf, hexOf, ragnarokDoors, versionsIn } from "./ragnarok-bytes.ts";
import { dialects, RagnarokClient } from "./ragnarok-client.ts";
import { goldenFromClients, goldenToClients } from "./ragnarok-golden.ts";

const everyDoor = packetVers.flatMap((packetVer) => ragnarokDoors.map((door) => ({ ...door, packetVer })));

function readerAt(door: { heard: PacketTable; passedOver: PacketTable }, packetVer: number) {
  return new PacketReader(new PacketIndex<PacketTable>(door.heard, door.passedOver, packetVer));
}

describe.each(everyDoor)("at the $name door, PACKETVER $packetVer", (door) => {
  const { packetVer } = door;
  const fromClients = goldenFromClients[door.name].filter((each) => each.packetVers.includes(packetVer));
  const toClients = goldenToClients[door.name].filter((each) => each.packetVers.includes(packetVer));

  test.each(fromClients.map((each) => [each.type, each] as const))("%s is read from its bytes", (_, each) => {
    const read = readerAt(door, packetVer).push(bytesOf(each.bytes));
    expect(read).toEqual({ packets: [{ type: each.type, ...each.values }], passedOver: [] });
  });

  test.each(toClients.map((each) => [each.type, each] as const))("%s is written as its bytes", (_, each) => {
    const writer = new PacketWriter<PacketTable>(door.told, packetVer);
    expect(hexOf(...writer.write(each.type, each.values as never))).toBe(hexOf(bytesOf(each.bytes)));
  });

  test("every packet has a sample of known bytes", () => {
    const opcodesIn = (goldens: readonly { bytes: string }[]) =>
      goldens.map(({ bytes }) => Buffer.from(bytesOf(bytes)).readUInt16LE(0));
    const heard = versionsIn(door.heard, packetVer).map(({ version }) => version.opcode);
    expect(heard.filter((opcode) => !opcodesIn(fromClients).includes(opcode ?? 0))).toEqual([]);
    const told = versionsIn(door.told, packetVer).map(({ type }) => type);
    expect(told.filter((type) => !toClients.some((each) => each.type === type))).toEqual([]);
  });

  test("written packets are read back, with any values", () => {
    const versions = [...versionsIn(door.heard, packetVer), ...versionsIn(door.told, packetVer)];
    fc.assert(
      fc.property(
        fc
          .constantFrom(...versions)
          .chain((of) => fc.tuple(fc.constant(of), arbitraryValues(of.version.fields))),
        ([{ type, version }, values]) => {
          const bytes = writePacket(version, values);
          expect(readPacket(type, version, bytes)).toEqual({ type, ...values });
          expect(bytes.length).toBeGreaterThanOrEqual(headerBytes(version));
        },
      ),
    );
  });

  test("packets come out whole and in order, however the bytes were cut", () => {
    const known = [...fromClients.map(({ bytes }) => bytesOf(bytes))];
    for (const { version } of versionsIn(door.passedOver, packetVer)) known.push(writePacket(version, {}));
    const sent = fc.array(fc.constantFrom(...known), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sent, fc.array(fc.nat(1_000), { maxLength: 8 }), (packets, cuts) => {
        const bytes = Uint8Array.from(packets.flatMap((packet) => [...packet]));
        const whole = packets.map((packet) => readerAt(door, packetVer).push(packet));
        const reader = readerAt(door, packetVer);
        const read = chunksOf(bytes, cuts).map((chunk) => reader.push(chunk));
        expect(read.flatMap((each) => each.packets)).toEqual(whole.flatMap((each) => each.packets));
        expect(read.flatMap((each) => each.passedOver)).toEqual(whole.flatMap((each) => each.passedOver));
      }),
    );
  });

  test("any bytes are packets, part of a packet, or refused as nonsense", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const reader = readerAt(door, packetVer);
        try {
          for (const chunk of chunks) reader.push(chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe("a client between two generations that are tested", () => {
  const tables = ragnarokDoors.flatMap(({ heard, told }) => [heard, told] as readonly PacketTable[]);
  const dates = [...tables, passedOverAtMap as PacketTable]
    .flatMap((table) => Object.values(table).flatMap(({ versions }) => versions))
    .flatMap(({ since = 0, until = 0 }) => [since - 1, since, until - 1, until])
    .filter((date) => date >= 0 && date <= packetVerMax);

  test.each([...new Set(dates)].sort((a, b) => a - b))(
    "of %i has a layout for each packet of its time",
    (date) => {
      const served = servedPacketVer(date);
      expect(served).toBeLessThanOrEqual(date);
      const dialect = dialects({ packetVer: date });
      expect(Object.keys(dialect)).toEqual(["login", "char", "map"]);
      for (const table of tables) {
        for (const [type, { versions }] of Object.entries(table)) {
          const isOfItsTime = versions.some(({ since = 0 }) => since <= served);
          expect(
            versions.some((version) => isSpokenIn(version, served)),
            type,
          ).toBe(isOfItsTime);
        }
      }
    },
  );

  test("of August 2010 has the longer character entries of that month and the older walk packets", () => {
    const client = new RagnarokClient(dialects({ packetVer: 20100803 }).char);
    client.says("6500 81841e00 77901111 64c22222 0000 01");
    client.isAnswered("char.enter", { ok: true, value: { characters: [], slotCount: 9 } });
    client.isAnswered("char.create", {
      ok: true,
      value: {
        charId: CharId(150_001),
        slot: 0,
        name: "Ada",
        looks: { hairStyle: 1, hairColour: 1 },
        position: { map: "prontera", x: 1, y: 1 },
      },
    });
    expect(client.hears().length / 2).toBe(4 + 27 + 132);
    expect(readerAt(ragnarokDoors[2], 20100803).push(bytesOf("a700 00000000 258b50")).packets).toHaveLength(
      1,
    );
  });

  test("uses the previous layout if that of its time is not known", () => {
    expect(servedPacketVer(20080901)).toBe(20080826);
    expect(servedPacketVer(20101201)).toBe(20101201);
  });
});

describe("a stream of packets", () => {
  const reader = (): PacketReader<typeof fromMapClient> =>
    new PacketReader(new PacketIndex(fromMapClient, passedOverAtMap, 20100105));

  test("ends at an opcode that no client of its generation has, since its length is unknown", () => {
    expect(() => reader().push(bytesOf("7d00 ffff"))).toThrow("after CZ_NOTIFY_ACTORINIT: unknown opcode");
    // Only newer clients have this walk packet.
    expect(() => reader().push(bytesOf("5f03 258b50"))).toThrow(WireError);
  });

  test("names the packets that it ignores", () => {
    const { packets, passedOver } = reader().push(bytesOf("1d02 00000000 7d00"));
    expect(passedOver).toEqual(["CZ_LESSEFFECT"]);
    expect(packets).toEqual([{ type: "CZ_NOTIFY_ACTORINIT" }]);
  });

  test.each([
    ["shorter than its own header", "f300 0300"],
    ["shorter than the fields before its text", "9600 1b00"],
    ["longer than allowed", "f300 0104"],
  ])("ends at a length that is %s, before the rest arrives", (_, bytes) => {
    expect(() => reader().push(bytesOf(bytes))).toThrow(WireError);
  });

  test("accepts the longest packet, and no byte more", () => {
    const longest = new Uint8Array(clientPacketBytesMax).fill(0x61);
    longest.set(bytesOf("f300 0004"));
    const { packets } = reader().push(longest);
    const line = new Uint8Array(clientPacketBytesMax - 4).fill(0x61);
    expect(packets).toEqual([{ type: "CZ_REQUEST_CHAT", line }]);
  });
});

describe("text", () => {
  const whisper = (bytes: string) =>
    new PacketReader(new PacketIndex(fromMapClient, passedOverAtMap, 20100105)).push(bytesOf(bytes)).packets;

  test("ends at its first NUL, and later bytes are ignored", () => {
    expect(whisper(`9600 2000 "Ada" 00 "secret" 00*14 "h" 00 "xy"`)).toEqual([
      { type: "CZ_WHISPER", to: "Ada", text: "h" },
    ]);
  });

  test("may fill its field, and then ends with it", () => {
    expect(whisper(`9600 1e00 "ABCDEFGHIJKLMNOPQRSTUVWX" "hi"`)).toEqual([
      { type: "CZ_WHISPER", to: "ABCDEFGHIJKLMNOPQRSTUVWX", text: "hi" },
    ]);
  });

  test("keeps every byte except NUL, in any code page", () => {
    const all = Array.from({ length: 255 }, (_, i) => i + 1);
    const version = fromMapClient.CZ_REQUEST_CHAT.versions[1];
    const bytes = Uint8Array.from([0xf3, 0, 4, 1, ...all, 0]);
    expect(writePacket(version, readPacket("CZ_REQUEST_CHAT", version, bytes))).toEqual(bytes);
  });

  test("of other clients has a question mark for a character that this family lacks", () => {
    const version = fromMapClient.CZ_WHISPER.versions[0];
    const written = writePacket(version, { to: "", text: "é€ 한\u{1f600}" });
    expect(hexOf(written)).toBe(hexOf(bytesOf(`9600 2200 00*24 e980 20 "??" 00`)));
  });

  test("that is too long is cut to its field", () => {
    const version = fromMapClient.CZ_WHISPER.versions[0];
    const written = writePacket(version, { to: "x".repeat(30), text: "" });
    expect(hexOf(written)).toBe(hexOf(bytesOf("9600 1d00 78*24 00")));
  });

  test("of a two-byte code page is cut between two characters", () => {
    const version = fromMapClient.CZ_WHISPER.versions[0];
    const written = writePacket(
      version,
      { to: `x${"한".repeat(12)}`, text: "\u{1f600}" },
      codePages["euc-kr"],
    );
    expect(hexOf(written)).toBe(hexOf(bytesOf(`9600 1e00 "x" ${"c7d1".repeat(11)} 00 "?" 00`)));
    expect(readPacket("CZ_WHISPER", version, written, codePages["euc-kr"])).toEqual({
      type: "CZ_WHISPER",
      to: `x${"한".repeat(11)}`,
      text: "?",
    });
  });
});

function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length));
}
