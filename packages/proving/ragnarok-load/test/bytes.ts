/** Joins pieces. A text contains hex digits, with spaces anywhere. */
export function bytes(...pieces: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) =>
      typeof piece === "string" ? Buffer.from(piece.replaceAll(/\s/g, ""), "hex") : piece,
    ),
  );
}

export function text(value: string, size: number): Buffer {
  const field = Buffer.alloc(size);
  field.write(value, "latin1");
  return field;
}

export const zeros = (size: number): Buffer => Buffer.alloc(size);

export function u16(value: number): Buffer {
  const field = Buffer.alloc(2);
  field.writeUInt16LE(value);
  return field;
}

/* These bytes were recorded from a real client of 20100105. A script played the server. */

export const recorded = {
  login: bytes("6400 19000000", text("testuser", 24), text("testpass", 24), "01"),
  enterChar: bytes("6500 81841e00 77901111 64c22222 0000 00"),
  enterMap: bytes("3604 81841e00 f1490200 77901111 162f3501 00"),
  time: bytes("8900 0000000000 242f3501"),
  guild: bytes("4f01 00000000"),
  walk: bytes("a700 00000000 258b50"),
  say: bytes("f300 1c00", text("TestChar : hello from A", 24)),
  name: bytes("8c00 0000000000000000 80841e00"),
  restart: bytes("b200 01"),

  loginAccepted: bytes(
    "6900 4f00 77901111 81841e00 64c22222 00000000",
    zeros(26),
    "00 7f000001 1569",
    text("MockWorld", 20),
    "0000 0000 0000",
  ),
  loginRefused: bytes("6a00 01", zeros(20)),
  kicked: bytes("8100 01"),
  zone: bytes("7100 f1490200 70726f6e746572612e67617400000000 7f000001 1669"),
  mapEntered: bytes("eb02 aa4e2700 270bf4 05 05 0000"),
  accountId: bytes("8302 81841e00"),
  timeTold: bytes("7f00 b94e2700"),
  ownWalk: bytes("8700 d9622700 270bf258b588"),
  ownWords: bytes("8e00 1c00", text("TestChar : hello from A", 24)),
  words: bytes("8d00 2000 80841e00", text("TestChar : hello from A", 24)),
  nameTold: bytes("9500 80841e00", text("TestChar", 24)),
  mapChanged: bytes("9100 7072745f66696c6430382e6761740000 aa00 7201"),
  vanished: bytes("8000 80841e00 03"),
  serverChanged: bytes("9200 697a6c7564652e676174000000000000 8000 7200 7f000001 1769"),
  standing: bytes(
    "f907 5700 00 81841e00 9600 0000 0000 00000000 0000 0100",
    zeros(16),
    "00000000 0000 0000 00000000 00 00 270bf4 05 05 00 0100 0000",
    text("TestChar", 24),
  ),
  restarted: bytes("b300 01"),
};

/** A character of the list, with only the fields that identify it. */
export function charBlock(charId: number, name: string, slot: number, size = 112): Buffer {
  const block = Buffer.alloc(size);
  block.writeUInt32LE(charId, 0);
  block.writeUInt32LE(40, 42);
  block.writeUInt32LE(41, 46);
  block.writeUInt16LE(150, 54);
  block.writeUInt16LE(7, 62);
  block.write(name, 78, "latin1");
  block.set([9, 8, 7, 6, 5, 4], 102);
  block.writeUInt16LE(slot, 108);
  if (size > 112) block.write("izlude.gat", 112, "latin1");
  return block;
}

export function characterList(header: number, ...blocks: Buffer[]): Buffer {
  const size = blocks.reduce((sum, block) => sum + block.length, header);
  return bytes("6b00", u16(size), zeros(header - 4), ...blocks);
}

/** Returns the address to which a server sends the client: 127.0.0.1 and a port. */
const here = (port: number): Buffer => bytes("7f000001", u16(port));

export const worldList = (port: number): Buffer =>
  bytes(recorded.loginAccepted.subarray(0, 47), here(port), recorded.loginAccepted.subarray(53));

export const zoneAt = (port: number): Buffer => bytes(recorded.zone.subarray(0, 22), here(port));

export const serverChangedTo = (port: number): Buffer =>
  bytes(recorded.serverChanged.subarray(0, 22), here(port));

/** Returns the bytes of a walk from one cell to another. */
export function move(fromX: number, fromY: number, toX: number, toY: number): Buffer {
  const bits = [fromX, fromY, toX, toY].map((each) => each.toString(2).padStart(10, "0")).join("");
  return Buffer.from([...(bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)), 0x88]);
}
