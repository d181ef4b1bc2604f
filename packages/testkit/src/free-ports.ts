import net from "node:net";

/** Below those that systems give to whoever connects: one of these stays free while the server that has it is down. */
const least = 20_000;
const most = 32_000;
const host = "127.0.0.1";
/** Two who look at the same time are to find different ones. */
const given = new Set<number>();

/** Free a moment ago, and given to nobody else in this process. */
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
