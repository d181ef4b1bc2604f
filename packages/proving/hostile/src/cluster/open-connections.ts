import { existsSync, readFileSync } from "node:fs";

const table = "/proc/net/tcp";
const listening = "0A";

/**
 * Counts the open connections from or to each of these ports on this machine. Each end of a connection counts
 * separately, because a gateway may keep its end after a server has closed the other end. Connections that
 * only the kernel remembers (TIME_WAIT) belong to no process and do not count. At the ports in `notOwn`, those
 * between servers, which have one address at both ends, do not count either. Returns null if the system has no
 * table of connections.
 */
export function openConnections(
  ports: readonly number[],
  notOwn: ReadonlySet<number>,
): ReadonlyMap<number, number> | null {
  if (!existsSync(table)) return null;
  return countConnections(readFileSync(table, "utf8"), ports, notOwn);
}

export function countConnections(
  text: string,
  ports: readonly number[],
  notOwn: ReadonlySet<number> = new Set(),
): ReadonlyMap<number, number> {
  const counts = new Map(ports.map((port) => [port, 0]));
  for (const line of text.split("\n").slice(1)) {
    const [, local = "", remote = "", state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === listening || inode === "0") continue;
    const isOwn = local.split(":")[0] === remote.split(":")[0];
    for (const end of [local, remote]) {
      const port = Number.parseInt(end.split(":")[1] ?? "", 16);
      const count = counts.get(port);
      if (count !== undefined && !(isOwn && notOwn.has(port))) counts.set(port, count + 1);
    }
  }
  return counts;
}
