import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Bounds the connections of a server. Above `countMax` it closes the oldest connection without a request
 * under way, or else the oldest one. So a client that holds many connections cannot keep others out.
 */
export function keepNewest(server: Server, countMax: number): void {
  /** Open connections in the order of their arrival. */
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
