import type { Server } from "node:http";
import type { Socket } from "node:net";
import { addressOf } from "@sallyport/link/addresses";
import { remoteOf } from "@sallyport/link/tcp";

/**
 * Limits a server to `countMax` connections. If a new connection exceeds the limit, one of the address that has
 * most of them is closed: the oldest without a request in progress, or else the oldest. So a client that holds
 * many connections keeps nobody out, and closes nobody's connection but its own. An address is an IPv4 address,
 * or an IPv6 network of 64 bits.
 */
export function keepNewest(server: Server, countMax: number): void {
  /** Open connections of each address, the oldest first. */
  const open = new Map<string, Set<Socket>>();
  const answering = new Set<Socket>();
  let count = 0;
  server.on("connection", (socket) => {
    const address = addressOf(remoteOf(socket));
    const own = open.get(address) ?? new Set();
    open.set(address, own.add(socket));
    count += 1;
    socket.once("close", () => {
      count -= 1;
      own.delete(socket);
      if (own.size === 0) open.delete(address);
    });
    if (count <= countMax) return;
    const most = [...open.values()].reduce((a, b) => (b.size > a.size ? b : a));
    const [oldest] = most;
    const oldestIdle = [...most].find((each) => each !== socket && !answering.has(each));
    (oldestIdle ?? oldest)?.destroy();
  });
  server.on("request", ({ socket }, response) => {
    answering.add(socket);
    response.once("close", () => answering.delete(socket));
  });
}
