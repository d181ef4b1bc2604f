import { randomBytes } from "node:crypto";
import { systemClock } from "@sallyport/clock";
import {
  type CodePageName,
  type RagnarokDialects,
  ragnarokDialects,
  usualCodePage,
} from "@sallyport/dialects/ragnarok";
import type { LoginTicket } from "@sallyport/domain";
import { listenTcp, type TcpListener } from "@sallyport/link/tcp";
import {
  type ClientOptions,
  type PacketOf,
  profiles,
  RagnarokClient,
  type ServerPacket,
  walkTo,
} from "@sallyport/ragnarok-load";
import { until } from "@sallyport/testkit";
import { TestCluster, type TestClusterOptions } from "../cluster/test-cluster.ts";

export interface RagnarokClusterOptions extends Omit<TestClusterOptions, "otherDoors"> {
  readonly packetVer?: keyof typeof profiles;
  readonly codePage?: CodePageName;
  /** Whether an account without a character gets a first character. */
  readonly starter?: boolean;
  readonly mapServers?: readonly string[];
}

const host = "127.0.0.1";
const walkMsMax = 20_000;
/**
 * Map-servers of the test need 20 ms for a step, so the client asks this often. A real client asks five times
 * a second and expects 150 ms for a step.
 */
const askEveryMs = 25;

/** The test cluster with doors for Ragnarok clients. These doors are sockets on the loopback. */
export class RagnarokCluster {
  readonly cluster: TestCluster;
  readonly #doors: ReadonlyMap<string, TcpListener>;
  readonly #packetVer: keyof typeof profiles;
  readonly #clients: RagnarokClient[] = [];

  private constructor(
    cluster: TestCluster,
    doors: ReadonlyMap<string, TcpListener>,
    packetVer: keyof typeof profiles,
  ) {
    this.cluster = cluster;
    this.#doors = doors;
    this.#packetVer = packetVer;
  }

  /**
   * Starts the cluster. `mapDoors` names the map-servers that get doors here. If the test gives options for a
   * map-server, it starts that map-server itself.
   */
  static async start(options: RagnarokClusterOptions = {}, mapDoors: readonly string[] = ["map-1"]) {
    const { packetVer = 20100105, codePage = usualCodePage, starter = true, ...rest } = options;
    const isoAt = (atMs: number): string => new Date(atMs).toISOString();
    const isoIn = (ms: number): string => isoAt(Date.now() + ms);
    const given = { packetVer, codePage, starter, registration: true, isoIn, isoAt, randomBytes };
    const dialects: RagnarokDialects = ragnarokDialects(given);
    // Servers start before the addresses of the doors are known.
    const doors = new Map<string, TcpListener>();
    const open = async (name: string, accept: Parameters<typeof listenTcp>[1]): Promise<void> => {
      doors.set(name, await listenTcp({ host, port: 0 }, accept));
    };
    await open("login", (channel) => cluster.login.acceptClient(channel, dialects.login));
    await open("char", (channel) => cluster.char.acceptClient(channel, dialects.char));
    for (const name of mapDoors) {
      await open(name, (channel) => cluster.mapServer(name).acceptClient(channel, dialects.map));
    }
    const portOf = (server: string): number => doors.get(server)?.address.port ?? 0;
    const cluster: TestCluster = await TestCluster.start({
      secondLogin: "takeover",
      ...rest,
      otherDoors: (server) => [{ dialect: "ragnarok", host, port: portOf(server) }],
    });
    return new RagnarokCluster(cluster, doors, packetVer);
  }

  get login() {
    return { host, port: this.#doors.get("login")?.address.port ?? 0 };
  }

  client(account: { readonly name: string; readonly password: string }, more: Partial<ClientOptions> = {}) {
    const client = new RagnarokClient({
      login: this.login,
      account: account.name,
      password: account.password,
      profile: profiles[this.#packetVer],
      ...more,
    });
    this.#clients.push(client);
    return client;
  }

  /** Enters the map, and waits until all first packets have arrived. */
  async enter(client: RagnarokClient): Promise<RagnarokClient> {
    expectType(await client.login(), "AC_ACCEPT_LOGIN");
    await this.enterAgain(client);
    return client;
  }

  /** Enters the world again with the ids of the last login. */
  async enterAgain(client: RagnarokClient): Promise<void> {
    const { characters } = expectType(await client.enterChar(), "HC_ACCEPT_ENTER");
    expectType(await client.select(characters[0]?.slot ?? 0), "HC_NOTIFY_ZONESVR");
    expectType(await client.enterMap(), "ZC_ACCEPT_ENTER2");
    await client.time();
  }

  /**
   * Walks until the character has arrived. The map-server says so by sending no walk packet for one more walk
   * request.
   */
  async walkTo(client: RagnarokClient, to: { readonly x: number; readonly y: number }): Promise<void> {
    await walkTo(client, to, { clock: systemClock, withinMs: walkMsMax, askEveryMs });
    const walks = (): number => client.journal.packets("ZC_NOTIFY_PLAYERMOVE").length;
    const isThere = async (): Promise<boolean> => {
      const before = walks();
      client.sendWalk(to);
      await client.say("there?");
      return walks() === before;
    };
    await until(isThere, { what: `${to.x},${to.y} is reached` });
  }

  /** Walks until a warp has taken the character to another map. */
  async walkAway(
    client: RagnarokClient,
    to: { readonly x: number; readonly y: number },
    map: string,
  ): Promise<void> {
    const onWay = walkTo(client, to, { clock: systemClock, withinMs: walkMsMax, askEveryMs });
    const isOver = onWay.catch((error: unknown) => error);
    await client.until(`it is in ${map}`, () => client.place?.map === map);
    await isOver;
  }

  async untilFree(client: RagnarokClient): Promise<void> {
    const accountId = (client.ids?.accountId ?? 0) as LoginTicket["accountId"];
    await this.cluster.untilFree({ accountId });
  }

  /**
   * Makes all clients leave, and waits until their characters stand on no map. Returns the mistakes that they found
   * in packets since the last call.
   */
  async leaveAll(): Promise<string[]> {
    const clients = this.#clients.splice(0);
    const played = clients.flatMap(({ place, chosen }) => (place === null ? [] : (chosen?.charId ?? [])));
    for (const client of clients) await client.leave();
    const onMaps = (): readonly number[] =>
      [...this.cluster.mapServers.values()].flatMap(({ server }) => server.charIds);
    const haveLeft = (): boolean => !played.some((charId) => onMaps().includes(charId));
    await until(haveLeft, { what: "the characters of all clients have left" });
    return clients.flatMap(({ faults }) =>
      faults.map(({ fault, door, detail }) => `${door} ${fault}: ${detail}`),
    );
  }

  async stop(): Promise<void> {
    for (const door of this.#doors.values()) await door.stop();
    await this.cluster.stop();
  }
}

export function expectType<Type extends ServerPacket["type"]>(
  packet: ServerPacket,
  type: Type,
): PacketOf<Type> {
  if (packet.type === type) return packet as PacketOf<Type>;
  throw new Error(`${type} was expected, and ${JSON.stringify(packet)} came`);
}

/**
 * Waits until the server ends the connection. Resolves to the code of packet 0081, or to null if the server
 * sent none.
 */
export async function untilSentAway(client: RagnarokClient): Promise<number | null> {
  const closedByServer = (): boolean => {
    const last = client.journal.entries.findLast(({ kind }) => kind === "opened" || kind === "closed");
    return last?.kind === "closed" && last.by === "server";
  };
  await until(closedByServer, { what: "the server has closed the connection" });
  return client.kickCode;
}
