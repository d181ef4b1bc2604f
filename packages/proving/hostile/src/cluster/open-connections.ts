import { existsSync, readFileSync } from "node:fs";

const table = "/proc/net/tcp";
const listening = "0A";

/**
 * Connections that a process of this machine still has at or to each of these ports. Each end counts for
 * itself, because a gateway may keep its end after a server has closed the other. Null if the system has no
 * such table. Connections that only the kernel remembers (TIME_WAIT) have no owner and do not count.
 */
export function openConnections(ports: readonly number[]): ReadonlyMap<number, number> | null {
  if (!existsSync(table)) return null;
  return countConnections(readFileSync(table, "utf8"), ports);
}

export function countConnections(text: string, ports: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map(ports.map((port) => [port, 0]));
  for (const line of text.split("\n").slice(1)) {
    const [, local = "", remote = "", state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === listening || inode === "0") continue;
    for (const end of [local, remote]) {
      const port = Number.parseInt(end.split(":")[1] ?? "", 16);
      const count = counts.get(port);
      if (count !== undefined) counts.set(port, count + 1);
    }
  }
  return counts;
}
