import net from "node:net";

/**
 * Operating systems use higher ports for outgoing connections. So a port from this range stays free while its
 * server is down.
 */
const least = 20_000;
const most = 32_000;
const host = "127.0.0.1";
/**
 * Programs that run at the same time must get different ports, also while their servers are down. So a process takes
 * whole blocks, and listens at the first port of each as long as it lives.
 */
const blockPorts = 50;
const blocks = Array.from({ length: (most - least) / blockPorts }, (_, nth) => least + nth * blockPorts);
/** The ports of the blocks of this process that no caller got. */
const left: number[] = [];

/** Finds ports that are free now and that no other caller on this machine got from this function. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = left.shift();
    if (port === undefined) left.push(...(await takeBlock()));
    else if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function takeBlock(): Promise<readonly number[]> {
  const from = Math.floor(Math.random() * blocks.length);
  for (const first of [...blocks.slice(from), ...blocks.slice(0, from)]) {
    const guard = await listenAt(first);
    if (guard === null) continue;
    guard.unref();
    return Array.from({ length: blockPorts - 1 }, (_, nth) => first + 1 + nth);
  }
  throw new Error(`no free block of ${blockPorts} ports from ${least} to ${most} at ${host}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenAt(port);
  if (server === null) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** Resolves to null if somebody else listens there. */
function listenAt(port: number): Promise<net.Server | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(null));
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}
