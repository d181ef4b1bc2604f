import net from "node:net";
import {
  mainProfile,
  type PacketOf,
  PacketStream,
  type Row,
  type ServerPacket,
  serverRows,
  clientPackets as write,
} from "@sallyport/ragnarok-load";
import { ActFailed, type Address, answerMs, doorFor, type Visitor } from "./visit.ts";

/**
 * A Ragnarok client. In one hop, it logs in, chooses the first character, enters the map and leaves. It
 * checks far less than `RagnarokClient`, because it runs on the same machine as the measured servers.
 */

type Door = Row["doors"][number];

/** Called with each packet. If it returns a value, the visit ends and the connection closes. */
type Script<Result> = (packet: ServerPacket, say: (bytes: Buffer) => void) => Result | undefined;

const allRows: readonly Row[] = serverRows(mainProfile);
const rows = new Map(allRows.map((row) => [row.opcode, row]));

/** A server refuses a step with one of these packets. */
const refusals: ReadonlySet<ServerPacket["type"]> = new Set([
  "SC_NOTIFY_BAN",
  "AC_REFUSE_LOGIN",
  "HC_REFUSE_ENTER",
  "ZC_REFUSE_ENTER",
]);

/**
 * This step and the others reject with `ActFailed` in four cases. 1: a server refuses. 2: it closes the
 * connection. 3: it sends nonsense. 4: it does not answer.
 */
export function logIn({ login, account, password, received }: Visitor): Promise<PacketOf<"AC_ACCEPT_LOGIN">> {
  const at = { door: "login", received, address: login, accountId: null } as const;
  return visit(at, write.login(account, password), (packet) =>
    packet.type === "AC_ACCEPT_LOGIN" ? packet : undefined,
  );
}

/**
 * Logs in and chooses the first character. Resolves to the address of the map-server that expects the client,
 * and to the first bytes for that server.
 */
export async function comeToMapDoor(visitor: Visitor): Promise<MapDoor> {
  const ids = await logIn(visitor);
  const [world] = ids.worlds;
  if (world === undefined) throw new ActFailed("login: no world");
  return choose(ids, world, visitor);
}

export interface MapDoor {
  /** The client skips this id if the server sends it first. If the id is null, the client skips nothing. */
  readonly accountId: number | null;
  readonly zone: Address;
  readonly enters: Buffer;
}

/** Chooses the first character. The login before it can be native or Ragnarok. */
export async function choose(
  ids: Parameters<typeof write.enterChar>[0],
  world: Address,
  visitor: Pick<Visitor, "received" | "instead">,
): Promise<MapDoor> {
  const { accountId } = ids;
  let charId = 0;
  const zone = await visit(
    { received: visitor.received, accountId, door: "char", address: doorFor(world, visitor) },
    write.enterChar(ids),
    (packet, say): PacketOf<"HC_NOTIFY_ZONESVR"> | undefined => {
      if (packet.type === "HC_NOTIFY_ZONESVR") return packet;
      if (packet.type === "HC_ACCEPT_ENTER") {
        const [character] = packet.characters;
        charId = character?.charId ?? 0;
        say(write.selectCharacter(character?.slot ?? 0));
      }
      return undefined;
    },
  );
  return { accountId, zone: doorFor(zone, visitor), enters: write.enterMap(ids, charId, 0) };
}

export async function hop(client: Visitor): Promise<void> {
  const { accountId, zone, enters } = await comeToMapDoor(client);
  const at = { received: client.received, accountId, door: "map", address: zone } as const;
  await visit(at, enters, (packet, say) => {
    if (packet.type === "ZC_ACCEPT_ENTER2") say(loadedAndQuit);
    return packet.type === "ZC_ACK_REQ_DISCONNECT" ? packet : undefined;
  });
}

const loadedAndQuit = Buffer.concat([write.actorInit(), write.quit()]);

interface VisitOptions extends Pick<Visitor, "received"> {
  readonly door: Door;
  readonly address: Address;
  /** The client skips this id if the server sends it first. If the id is null, it is not known yet. */
  readonly accountId: number | null;
}

function visit<Result>(
  { door, address, accountId, received }: VisitOptions,
  first: Buffer,
  script: Script<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const eat = accountId === null ? "never" : "if-own";
    const stream = new PacketStream({ door, rows, firstBytes: { eat, accountId: accountId ?? 0 } });
    const { host, port } = address;
    const socket = net.connect({ host, port, noDelay: true });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new ActFailed(`${door}: ${why}`));
    };
    const say = (bytes: Buffer): void => void socket.write(bytes);
    socket.setTimeout(answerMs, () => fail(`no answer in ${answerMs} ms`));
    socket.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    // If there is a result, the promise is already settled. This call then has no effect.
    socket.once("close", () => fail("closed by the server"));
    socket.on("data", (chunk) => {
      received(chunk.length);
      for (const item of stream.push(chunk)) {
        if (item.kind === "fault") return fail(item.fault);
        if (item.kind !== "packet") continue;
        const { packet } = item;
        if (refusals.has(packet.type)) {
          return fail("code" in packet ? `${packet.type} ${packet.code}` : packet.type);
        }
        const result = script(packet, say);
        if (result === undefined) continue;
        socket.destroy();
        return resolve(result);
      }
    });
    say(first);
  });
}
