import { openDoor, packet } from "../floor/door.ts";
import { left, ownNumbers } from "../floor/map.ts";

/**
 * A map door without logins, characters or places. With `main.js together`, every client sees all others: the
 * door sends each client the same bytes that a client in a crowd on one cell gets. With `main.js apart`, no
 * client sees another client. The door remembers only its open sockets.
 */

const said = (opcode: number, length: number): Buffer =>
  packet(opcode, length, (bytes) => bytes.writeUInt16LE(length, 2));
const entered = Buffer.concat([packet(0x0283, 6), packet(0x02eb, 13)]);
const standing = said(0x07f9, 87);
const spawned = said(0x07f8, 86);
const vanished = packet(0x0080, 7);

const areTogether = process.argv[2] === "together";
const here = new Set<(bytes: Buffer) => void>();
const toOthers = (self: unknown, bytes: Buffer): void => {
  for (const say of here) if (say !== self) say(bytes);
};

await openDoor(Number(process.env["MAP_PORT"]), (say) => ({
  // CZ_ENTER
  0x0436: { length: 19, answer: () => say(entered) },
  // CZ_NOTIFY_ACTORINIT
  0x007d: {
    length: 2,
    answer() {
      say(Buffer.concat([ownNumbers, Buffer.concat(Array.from(here, () => standing))]));
      toOthers(say, spawned);
      if (areTogether) here.add(say);
    },
  },
  // CZ_REQUEST_MOVE
  0x00a7: { length: 9, answer: () => say(packet(0x0087, 12)) },
  // CZ_REQUEST_TIME
  0x0089: { length: 11, answer: () => say(packet(0x007f, 6)) },
  // CZ_REQ_DISCONNECT
  0x018a: {
    length: 4,
    answer() {
      here.delete(say);
      toOthers(say, vanished);
      say(left);
    },
  },
}));
process.stdout.write("ready\n");
