import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Limits a server to `countMax` connections. If a new connection exceeds the limit, the oldest connection
 * without a request in progress is closed. If every connection has a request in progress, the oldest
 * connection is closed. So a client that holds many connections cannot keep other clients out.
 */
export function keepNewest(server: Server, countMax: number): void {
  /** Open connections, the oldest first. */
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
