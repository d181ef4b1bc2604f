import net from "node:net";
import { systemClock } from "@sallyport/clock";
import { helloFrame, mapDoorMessages } from "@sallyport/dialects/native";
import { type Presence, Publisher, RedisDirectory } from "@sallyport/directory";
import { AccountId, CharId, LoginId } from "@sallyport/domain";
import { encodeFrame, MessageCodec } from "@sallyport/wire";
import { type Compared, compare, type Gateway } from "./cost.ts";

interface MegabyteOptions {
  readonly redisUrl: string;
  /** A world that contains only the sender of this benchmark. */
  readonly world: string;
  /**
   * Starts a gateway for that world. Resolves when the gateway is ready, which needs a map-server in the
   * world.
   */
  readonly startGateway: () => Promise<Gateway>;
  readonly megabytes: number;
  readonly rounds: number;
}

const host = "127.0.0.1";
const megabyte = Buffer.alloc(1 << 20, 7);
const enters = Buffer.concat([
  helloFrame(),
  encodeFrame(
    "request",
    1,
    new MessageCodec(mapDoorMessages).encode(
      { type: "map.enter", accountId: AccountId(1), charId: CharId(1), loginId1: LoginId(1), sex: "female" },
      5_000,
    ),
  ),
]);

/**
 * Compares the cost of bytes. The sender and the receivers are in this process, so the processor time of this
 * process is the cost without a gateway.
 */
export async function compareMegabytes(options: MegabyteOptions): Promise<Compared> {
  const { redisUrl, world, startGateway, megabytes, rounds } = options;
  const perRound = Math.ceil(megabytes / rounds);
  const sender = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => void send(socket, perRound));
  });
  await new Promise<void>((resolve) => sender.listen({ host, port: 0 }, resolve));
  const { port } = sender.address() as net.AddressInfo;
  const directory = new RedisDirectory({ url: redisUrl, clock: systemClock });
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
  const log = { info() {}, warn() {} };
  const withdraw = new Publisher(directory, log).keepPublishing(() => presence, systemClock);
  try {
    const here = async (): Promise<number> => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    };
    const gateway = await startGateway();
    const ports = { direct: port, through: gateway.port };
    const count = perRound * rounds;
    const measured = { what: "megabytes", count, rounds, others: here, gateway: gateway.process };
    return await compare(measured, (way) => receive(ports[way], perRound));
  } finally {
    await withdraw();
    await directory.close();
    sender.close();
  }
}

async function send(socket: net.Socket, megabytes: number): Promise<void> {
  for (let sent = 0; sent < megabytes; sent += 1) {
    const isTaken = socket.write(megabyte);
    if (!isTaken) await new Promise((resolve) => socket.once("drain", resolve));
  }
  socket.end();
}

function receive(port: number, megabytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    let bytes = 0;
    socket.write(enters);
    socket.on("data", (chunk) => {
      bytes += chunk.length;
    });
    socket.once("error", reject);
    socket.once("close", () => {
      if (bytes === megabytes << 20) resolve();
      else reject(new Error(`${bytes} bytes of ${megabytes} MiB arrived`));
    });
  });
}
