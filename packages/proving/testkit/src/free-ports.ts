import net from "node:net";

/**
 * Operating systems use higher ports for outgoing connections. So a port from this range stays free while its
 * server is down.
 */
const least = 20_000;
const most = 32_000;
const host = "127.0.0.1";
/** All ports that callers got. Two callers at the same time must get different ports. */
const given = new Set<number>();

/** Finds ports that are free now and that no other caller in this process got. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = least + Math.floor(Math.random() * (most - least));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
}
