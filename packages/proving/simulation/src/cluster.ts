import { defaultAuthenticationSettings, unlimited } from "@sallyport/authentication";
import { type CharServer, createCharServer } from "@sallyport/char-server";
import type { Presence, ServerStatus } from "@sallyport/cluster-protocol";
import { characterNames } from "@sallyport/database";
import { Publisher } from "@sallyport/directory";
import type { ByteChannel } from "@sallyport/link";
import { createLoginServer, type LoginServer } from "@sallyport/login-server";
import { createMapServer, type MapServer } from "@sallyport/map-server";
import type { Random } from "@sallyport/random";
import type { Connect, DoorAddress } from "@sallyport/sdk";
import { clientBounds, defaultLinkBounds, type Host, noMetrics, silentLog } from "@sallyport/server-kit";
import { cheapHasher } from "./cheap-passwords.ts";
import type { EventLoop } from "./event-loop.ts";
import type { Observer } from "./facts.ts";
import type { Accepting, Network } from "./network.ts";
import type { PlannedServers } from "./planned.ts";
import { SimulatedDirectory } from "./simulated-directory.ts";
import { SimulatedDisks } from "./simulated-disks.ts";
import { SimulatedGame } from "./simulated-game.ts";
import { gatewayDoorAt, SimulatedGateway } from "./simulated-gateway.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedStores } from "./simulated-stores.ts";
import { smallMaps } from "./small-maps.ts";
import {
  type DoorName,
  gatewayPortOf,
  gatewayWorld,
  isGateway,
  isLogin,
  isMap,
  namesIn,
  type ServerName,
  serverNames,
  type WorldName,
  worldNames,
  worldOf,
  worlds,
} from "./topology.ts";

/**
 * Runs the real servers. Each server has a simulated process from its start to its end. It gets a new process
 * when it is started again.
 */

export interface ClusterOptions extends PlannedServers {
  readonly loop: EventLoop;
  readonly random: Random;
  readonly network: Network;
  readonly stores: SimulatedStores;
  readonly observer: Observer;
  readonly log?: (server: ServerName) => Host["log"];
}

const bounds = { clientBounds: clientBounds({ clientsMax: 1_000 }), linkBounds: defaultLinkBounds };

/** All servers share this log. It is created once, because a log reads the time when it is created. */
const silent = silentLog();

interface ServerOfWorld {
  readonly name: ServerName;
  readonly world: WorldName;
  readonly process: SimulatedProcess;
}

type AtDoors = LoginServer | CharServer | MapServer;

interface Running {
  readonly process: SimulatedProcess;
  readonly server: LoginServer | CharServer | MapServer | SimulatedGateway;
}

const stepMs = 40;
/** So few that clients send too many. */
const commandsPerSecond = 1;
const pretender = worlds.Beta.char;
const doorOf = (name: ServerName): DoorAddress => ({ host: "simulated", port: serverNames.indexOf(name) });
const publicDoorAt = (address: DoorAddress) => ({ ...address, wsUrl: null, otherDoors: [], near: [] });
const loginPort = 0;
const credentialsOf = (world: WorldName) => ({
  username: worlds[world].char,
  password: worlds[world].password,
});
/** The map includes passwords of worlds whose char-server is not in this cluster. */
const linkPasswords = new Map<string, string>(
  worldNames.map((world) => [worlds[world].char, worlds[world].password]),
);

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #running = new Map<ServerName, Running>();
  readonly #directory: SimulatedDirectory;
  readonly disks: SimulatedDisks;
  /** The milliseconds by which the wall clock of a server's machine is ahead of the right time. */
  readonly #wallAheadMs = new Map<ServerName, number>();
  #lives = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { loop, random, hasDisks, observer } = options;
    this.#directory = new SimulatedDirectory(loop, random.fork("directory"), () =>
      observer.see({ type: "hint-lost" }, loop.nowMs),
    );
    this.disks = new SimulatedDisks(loop, random.fork("disks"), hasDisks);
  }

  get names(): readonly ServerName[] {
    return namesIn(this.#options);
  }

  processOf(name: ServerName): SimulatedProcess | undefined {
    return this.#running.get(name)?.process;
  }

  /** Returns the characters that a process of a map-server believes it has. Null: the process has ended. */
  charIdsOf(life: string): readonly number[] | null {
    for (const { process, server } of this.#running.values()) {
      if (process.life === life && !process.isDead && "charIds" in server) return server.charIds;
    }
    return null;
  }

  /** Yields the characters of all map-servers. */
  *players(): Generator<readonly [life: string, charIds: readonly number[]]> {
    for (const { process, server } of this.#running.values()) {
      if (!process.isDead && "charIds" in server) yield [process.life, server.charIds];
    }
  }

  isUp(name: ServerName): boolean {
    return this.#running.get(name)?.process.isDead === false;
  }

  process(name: string): SimulatedProcess {
    this.#lives += 1;
    const { loop, random, drift } = this.#options;
    const ofClock = random.fork(`clock ${this.#lives}`);
    const aheadMs = ofClock.below(1_000_000);
    return new SimulatedProcess(loop, name, this.#lives, {
      aheadMs,
      drift: drift * ofClock.between(-1, 1),
    });
  }

  start(name: ServerName): void {
    if (this.isUp(name)) return;
    const process = this.process(name);
    this.#options.observer.see({ type: "started", life: process.life }, this.#options.loop.nowMs);
    const world = worldOf(name);
    if (world === null) {
      const server = isGateway(name) ? this.#createGateway(name, process) : this.#createLogin(name, process);
      this.#running.set(name, { process, server });
      return;
    }
    const server = isMap(name)
      ? this.#createMap({ name, world, process })
      : this.#createChar({ name, world, announced: world, process });
    this.#running.set(name, { process, server });
    void server.start();
  }

  /** The char-server of the world, where operators give orders. Null: it is not up. */
  charServerOf(world: WorldName): CharServer | null {
    const running = this.#running.get(worlds[world].char);
    return running === undefined || running.process.isDead ? null : (running.server as CharServer);
  }

  /** Null: none is running. */
  anyLoginServer(): LoginServer | null {
    const running = [...this.#running].find(([name, { process }]) => isLogin(name) && !process.isDead);
    return running === undefined ? null : (running[1].server as LoginServer);
  }

  setWallClock(name: ServerName, aheadMs: number): void {
    this.#wallAheadMs.set(name, aheadMs);
  }

  startAll(): void {
    for (const name of this.names) this.start(name);
  }

  /**
   * Starts a pretender. It is the char-server of a world that is not in this cluster. It has its own locks,
   * but uses the name of a world that is in this cluster.
   */
  startPretender(): void {
    if (this.names.includes(pretender)) return;
    this.kill(pretender, "reset");
    const process = this.process(pretender);
    const server = this.#createChar({ name: pretender, world: "Beta", announced: "Alpha", process });
    this.#running.set(pretender, { process, server });
    void server.start();
  }

  endPretender(): void {
    if (!this.names.includes(pretender)) this.kill(pretender, "reset");
  }

  kill(name: ServerName, how: "reset" | "silent"): void {
    const running = this.#running.get(name);
    if (running !== undefined) this.#end(running.process, how);
  }

  #end(process: SimulatedProcess, how: "reset" | "silent"): void {
    if (process.isDead) return;
    this.#options.network.kill(process, how);
    this.#options.observer.see({ type: "died", life: process.life }, this.#options.loop.nowMs);
  }

  /**
   * Stops a server as a signal does. `keep` means the signal that announces a restart. A drain can take at
   * most `drainMs`. If `drainMs` is null, the server does not drain.
   */
  async stop(name: ServerName, how: "release" | "keep", drainMs: number | null): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined || running.process.isDead) return;
    if (drainMs !== null && "drain" in running.server) await running.server.drain(drainMs);
    await running.server.stop(how);
    this.#end(running.process, "reset");
  }

  worldAddress(world: WorldName): DoorAddress {
    return this.#addressOf(worlds[world].char, "char");
  }

  /**
   * Returns the SDK's transport for one client. If several servers share an address, any of them can answer.
   */
  connectFor(process: SimulatedProcess, random: Random): Connect {
    const { gatewayDoors } = this.#options;
    return async ({ port }) => {
      const isByGateway = port === loginPort && gatewayDoors.includes("login") && random.chance(0.7);
      const door = isByGateway ? "login" : gatewayDoorAt(port);
      if (door !== undefined) {
        return this.#connect(process, this.#some(isGateway, random), ({ server }, number) => (channel) => {
          (server as SimulatedGateway).accept(channel, number, door);
        });
      }
      const name = port === loginPort ? this.#some(isLogin, random) : serverNames[port];
      if (name === undefined) throw new Error("no such port");
      return this.#connect(process, name, ({ server }) => (channel) => {
        (server as AtDoors).acceptClient(channel);
      });
    };
  }

  /**
   * Returns the address to which clients are sent. It is the server's own address, or the address of the
   * gateways in front of the server.
   */
  #addressOf(server: ServerName, door: DoorName): DoorAddress {
    const { gateways, gatewayDoors } = this.#options;
    const isBehind = gateways > 0 && gatewayDoors.includes(door) && worldOf(server) === gatewayWorld;
    return isBehind ? { host: "simulated", port: gatewayPortOf(door) } : doorOf(server);
  }

  #some(isOne: (name: ServerName) => boolean, random: Random): ServerName {
    const all = this.names.filter(isOne);
    const up = all.filter((name) => this.isUp(name));
    return random.pick(up.length > 0 ? up : all);
  }

  #connect(
    from: SimulatedProcess,
    to: ServerName,
    acceptOf: (running: Running, number: number) => Accepting["accept"],
  ): Promise<ByteChannel> {
    return this.#options.network.connect(from, to, (number): Accepting | undefined => {
      const running = this.#running.get(to);
      if (running === undefined || running.process.isDead) return undefined;
      return { process: running.process, accept: acceptOf(running, number) };
    });
  }

  #hostOf(process: SimulatedProcess, name: ServerName): Host {
    const { random, loop, observer, log, stores } = this.#options;
    const own = random.fork(process.life);
    return {
      clock: process.clock,
      random: () => own.next(),
      randomBytes: (count: number) => own.bytes(count),
      log: log?.(name) ?? silent,
      wallMs: () => stores.wallMs + (this.#wallAheadMs.get(name) ?? 0),
      metrics: noMetrics,
      failed: (error: unknown) => {
        if (!process.isDead) observer.see({ type: "bug", life: process.life, error }, loop.nowMs);
      },
    };
  }

  /** Returns the entry of a server in the directory. Gateways find the server by this entry. */
  #presenceOf(name: ServerName, process: SimulatedProcess): Omit<Presence, keyof ServerStatus> {
    const kind = isLogin(name) ? "login" : isMap(name) ? "map" : "char";
    const hasInner = this.#options.gateways > 0;
    return {
      ...{ kind, name, world: worldOf(name), incarnation: process.life },
      ...{ machine: "simulated", pid: 1, sinceMs: 0 },
      publicDoor: isLogin(name) ? null : publicDoorAt(this.#addressOf(name, kind)),
      innerDoors: hasInner ? [{ dialect: "native", ...doorOf(name) }] : [],
    };
  }

  #createGateway(name: ServerName, process: SimulatedProcess): SimulatedGateway {
    const { stores, observer, loop } = this.#options;
    const { life } = process;
    return new SimulatedGateway(this.#hostOf(process, name), {
      life,
      observer,
      nowMs: () => loop.nowMs,
      directory: this.#directory.wayOf(process),
      locks: stores.lockReaderFor(process, gatewayWorld),
      dial: (to, client) =>
        this.#connect(process, to, ({ server }, number) => {
          observer.see({ type: "gateway-joined", life, client, channel: number, server: to }, loop.nowMs);
          return (channel) => (server as AtDoors).acceptClient(channel);
        }),
    });
  }

  #createLogin(name: ServerName, process: SimulatedProcess): LoginServer {
    const { stores, timing, secondLogin, gateways } = this.#options;
    const host = this.#hostOf(process, name);
    const directory = this.#directory.wayOf(process);
    const server = createLoginServer(host, {
      ...bounds,
      timing,
      ...{ accounts: stores.accountsFor(process), networkBans: stores.networkBansFor(process) },
      ...{ store: stores.lockStoreFor(process, "login"), directory, secondLogin },
      ...{ hasher: cheapHasher(host.randomBytes), clusterSecret: new Uint8Array(32) },
      ...{ charServers: linkPasswords, mailTokens: stores.underneath.database.mailTokens },
      // All simulated clients share one address, so there are no limits on attempts.
      authentication: defaultAuthenticationSettings,
      limitsFor: () => unlimited,
    });
    // Login-servers find each other through char-servers, so only gateways need the directory.
    if (gateways > 0) {
      const presence = (): Presence => ({ ...this.#presenceOf(name, process), ...server.status });
      new Publisher(directory, silent).keepPublishing(presence, process.clock);
    }
    return server;
  }

  #createChar(of: ServerOfWorld & { readonly announced: WorldName }): CharServer {
    const { name, world, announced, process } = of;
    const { stores, timing, random, deletionS } = this.#options;
    const way = random.fork(`${process.life} to login`);
    const publicDoor = publicDoorAt(this.#addressOf(name, "char"));
    const publisher = new Publisher(this.#directory.wayOf(process), silent);
    const server = createCharServer(this.#hostOf(process, name), {
      ...bounds,
      timing,
      characters: stores.charactersFor(process),
      ...{ mapHosts: stores.mapHostsFor(process), worldStates: stores.worldStatesFor(process) },
      ...{ accountOrders: stores.accountsFor(process), networkBans: stores.networkBansFor(process) },
      hints: this.#directory.wayOf(process),
      store: stores.lockStoreFor(process, world),
      connectLogin: () =>
        this.#connect(process, this.#some(isLogin, way), ({ server }) => (channel) => {
          (server as LoginServer).acceptCharServer(channel);
        }),
      credentials: { ...credentialsOf(world), server: name },
      cookies: this.disks.jarOf(process),
      world: { name: announced, ...publicDoor },
      rules: { spawn: { map: "north", x: 2, y: 2 }, slotCount: 3, names: characterNames(), deletionS },
      mapServerPresent: (presence) => void publisher.publish(presence),
    });
    const self = { ...this.#presenceOf(name, process), world: announced };
    const presence = (): Presence => ({ ...self, ...server.status });
    publisher.keepPublishing(presence, process.clock);
    return server;
  }

  #createMap({ name, world, process }: ServerOfWorld): MapServer {
    const { autosaveMs, mapsEach, playersMax, observer, loop, gateways } = this.#options;
    const of = worlds[world];
    const own = name === of.maps[0] ? "north" : "south";
    const maps = [...smallMaps].filter(([map]) => mapsEach === "all" || map === own);
    const simulated = new SimulatedGame({
      ...{ life: process.life, world },
      see: (fact) => observer.see(fact, loop.nowMs),
    });
    const { game } = simulated;
    const server = createMapServer(this.#hostOf(process, name), {
      clientBounds: bounds.clientBounds,
      maps: new Map(maps),
      connectChar: () =>
        this.#connect(process, of.char, ({ server }) => (channel) => {
          (server as CharServer).acceptMapServer(channel);
        }),
      cookies: this.disks.jarOf(process),
      credentials: { ...credentialsOf(world), server: name },
      address: publicDoorAt(this.#addressOf(name, "map")),
      ...(gateways > 0 && {
        presenceWith: (status: ServerStatus) => ({ ...this.#presenceOf(name, process), ...status }),
      }),
      game: { game, budgetMs: Number.POSITIVE_INFINITY, switchOffAfter: 0, commandsPerSecond },
      ...{ playersMax, stepMs, viewCells: 14, autosaveMs },
    });
    return simulated.isOn(server);
  }
}
