import net from "node:net";
import { host } from "./floor-options.ts";

/** One kind of packet. The server calls `answer` with each such packet. `length` is in bytes. */
export interface Heard {
  readonly length: number;
  readonly answer: (packet: Buffer) => void | Promise<void>;
}

/** Called for each connection. Returns the kinds of packets that the server reads. The keys are opcodes. */
export type Visit = (say: (bytes: Buffer) => void) => Readonly<Record<number, Heard>>;

/** Listens for Ragnarok clients. A connection ends when the client closes it or sends an unknown packet. */
export function openDoor(port: number, visit: Visit): Promise<void> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    let rest: Buffer = Buffer.alloc(0);
    const heard = visit((bytes) => void (socket.writable && socket.write(bytes)));
    const fail = (error: unknown): void => {
      process.stderr.write(`${String(error)}\n`);
      socket.destroy();
    };
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= 2) {
        const opcode = rest.readUInt16LE();
        const packet = heard[opcode];
        if (packet === undefined) return fail(`opcode ${opcode.toString(16)}`);
        if (rest.length < packet.length) return;
        void Promise.resolve(packet.answer(rest.subarray(0, packet.length))).catch(fail);
        rest = rest.subarray(packet.length);
      }
    });
  });
  return new Promise((resolve) => server.listen({ host, port, backlog: 1_024 }, resolve));
}

export function packet(opcode: number, length: number, fill: (bytes: Buffer) => void = () => {}): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt16LE(opcode, 0);
  fill(bytes);
  return bytes;
}

/** Writes four bytes for the host and two for the port. */
export function writeAddress(bytes: Buffer, at: number, port: number): void {
  bytes.set(host.split(".").map(Number), at);
  bytes.writeUInt16LE(port, at + 4);
}
