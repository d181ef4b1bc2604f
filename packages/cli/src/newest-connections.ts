import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Bounds the connections of a server: past `countMax` the oldest goes, of those first that are not being answered. So
 * whoever holds very many keeps nobody out who connects and asks.
 */
export function keepNewest(server: Server, countMax: number): void {
  /** The oldest first. */
  const open = new Set<Socket>();
  const answered = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    if (open.size <= countMax) return;
    const [oldest] = open;
    const oldestIdle = [...open].find((each) => each !== socket && !answered.has(each));
    (oldestIdle ?? oldest)?.destroy();
  });
  server.on("request", ({ socket }, response) => {
    answered.add(socket);
    response.once("close", () => answered.delete(socket));
  });
}
