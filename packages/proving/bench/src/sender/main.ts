import net from "node:net";
import { systemClock } from "@sallyport/clock";
import { type Presence, Publisher, RedisDirectory } from "@sallyport/directory";
import { megabytesEach } from "./megabytes.ts";

/*
 * This map-server is the only one of its world, so a gateway for that world connects all clients to it. The
 * map-server sends bytes to every client, and does nothing else.
 */

const host = "127.0.0.1";
const port = Number(process.env["MAP_PORT"]);
const world = process.env["WORLD_NAME"] ?? "";
const megabyte = Buffer.alloc(1 << 20, 7);

async function send(socket: net.Socket): Promise<void> {
  for (let sent = 0; sent < megabytesEach; sent += 1) {
    const isTaken = socket.write(megabyte);
    if (!isTaken) await new Promise((resolve) => socket.once("drain", resolve));
  }
  socket.end();
}

const server = net.createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.once("data", () => void send(socket));
});
await new Promise<void>((resolve) => server.listen({ host, port }, resolve));

const presence: Presence = {
  ...{ kind: "map", name: "sender", world, incarnation: "sender", machine: host, pid: process.pid },
  ...{
    sinceMs: 0,
    state: "up",
    publicDoor: null,
    maps: [],
    clients: 0,
    players: 0,
    capacity: null,
    links: [],
  },
  innerDoors: [{ dialect: "native", host, port }],
};
const directory = new RedisDirectory({ url: process.env["REDIS_URL"] ?? "", clock: systemClock });
new Publisher(directory, { info() {}, warn() {} }).keepPublishing(() => presence, systemClock);
process.stdout.write("ready\n");
