import net from "node:net";
import { host } from "./floor-options.ts";

/**
 * There is only one kind of request between the servers: the char-server tells the map-server which client to
 * expect. A request consists of six numbers of 32 bits. The first number identifies the request, and the
 * answer repeats it.
 */

export interface Expected {
  readonly accountId: number;
  readonly charId: number;
  readonly loginId1: number;
  readonly accountVersion: number;
  readonly charVersion: number;
}

const requestBytes = 24;
const answerBytes = 4;

/** Calls `each` for every whole block of `size` bytes. Blocks can arrive in chunks of any size. */
function readBlocks(socket: net.Socket, size: number, each: (block: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + size <= rest.length; at += size) each(rest.subarray(at, at + size));
    rest = rest.subarray(at);
  });
}

export function listenForChar(port: number, expect: (client: Expected) => void): Promise<void> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    readBlocks(socket, requestBytes, (request) => {
      const field = (nth: number): number => request.readUInt32LE(nth * 4);
      expect({
        ...{ accountId: field(1), charId: field(2), loginId1: field(3) },
        ...{ accountVersion: field(4), charVersion: field(5) },
      });
      socket.write(Buffer.from(request.subarray(0, answerBytes)));
    });
  });
  return new Promise((resolve) => server.listen({ host, port }, resolve));
}

/** Connects to the map-server. Resolves to a function that sends the request. */
export async function connectToMap(port: number): Promise<(client: Expected) => Promise<void>> {
  const socket = net.connect({ host, port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", resolve);
  });
  const waiting = new Map<number, () => void>();
  let requests = 0;
  readBlocks(socket, answerBytes, (answer) => {
    const request = answer.readUInt32LE();
    waiting.get(request)?.();
    waiting.delete(request);
  });
  return ({ accountId, charId, loginId1, accountVersion, charVersion }) => {
    requests = (requests + 1) >>> 0;
    const bytes = Buffer.alloc(requestBytes);
    const fields = [requests, accountId, charId, loginId1, accountVersion, charVersion];
    for (const [nth, field] of fields.entries()) bytes.writeUInt32LE(field, nth * 4);
    return new Promise((resolve) => {
      waiting.set(requests, resolve);
      socket.write(bytes);
    });
  };
}
