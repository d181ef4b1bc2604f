import { delay } from "@sallyport/clock";
import type { Presence, ServerStatus } from "@sallyport/cluster-protocol";
import {
  type AccountOrders,
  type CharacterStore,
  type MapHostStore,
  type NetworkBans,
  noTrail,
  type Trail,
  type WorldStateStore,
} from "@sallyport/database";
import type { Dialect } from "@sallyport/dialects";
import { nativeCharDoor } from "@sallyport/dialects/native";
import {
  type AccountId,
  type CharDoor,
  type Kick,
  type KickReason,
  type PublicAddress,
  Unavailable,
} from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import type { CharacterEffect, LockTiming, Owner } from "@sallyport/lock-core";
import type { LockStore } from "@sallyport/lock-store";
import {
  type ClientBounds,
  ClientDoor,
  type CookieJar,
  type Host,
  type LinkBounds,
  type LinkCredentials,
  type OrderHints,
  orUnavailable,
  ServerRegistry,
  Sweeper,
  waits,
} from "@sallyport/server-kit";
import { AccountOwners } from "./account-owners.ts";
import { CharacterLocks } from "./character-locks.ts";
import { visitCharServer, type WorldRules } from "./client-visit.ts";
import { Confirmations, confirmEveryMs } from "./confirmations.ts";
import { emptyWorld } from "./empty-world.ts";
import { HandOver } from "./hand-over.ts";
import { KeptHosts } from "./kept-hosts.ts";
import { knowNames } from "./known-names.ts";
import { carryOut } from "./lock-effects.ts";
import { LoginLink, type LoginLinkDeps } from "./login-link.ts";
import { MapHosting, type MapServerStatus } from "./map-hosting.ts";
import { createMapServerLinks } from "./map-server-links.ts";
import { mapServersDrained } from "./map-servers-drained.ts";
import { Orders } from "./orders.ts";
import { SaveQueue } from "./save-queue.ts";
import { SpawnMap } from "./spawn-map.ts";
import { untilAvailable } from "./until-available.ts";
import { createWorldOperations, type WorldOperations } from "./world-operations.ts";
import { WorldStates } from "./world-states.ts";

export interface CharServerDeps {
  readonly rules: WorldRules;
  readonly clientBounds: ClientBounds;
  readonly linkBounds: LinkBounds;
  readonly characters: CharacterStore;
  readonly mapHosts: MapHostStore;
  readonly worldStates: WorldStateStore;
  readonly accountOrders: Pick<AccountOrders, "lastOrderBefore" | "ordersAfter" | "setMute">;
  readonly networkBans: Pick<NetworkBans, "bansAfter">;
  /** On this bus, servers tell each other that an operator gave an order. Absent: they find it in two seconds. */
  readonly hints?: OrderHints;
  readonly store: LockStore;
  readonly timing: LockTiming;
  readonly connectLogin: () => Promise<ByteChannel>;
  readonly cookies?: CookieJar | undefined;
  /**
   * The char-server shows these credentials to the login-server, and map-servers show the same credentials to
   * the char-server.
   */
  readonly credentials: LinkCredentials;
  readonly world: { readonly name: string } & PublicAddress;
  /**
   * The char-server passes the presences of its map-servers to this function, because map-servers cannot
   * reach the directory.
   */
  readonly mapServerPresent?: (presence: Presence) => void;
  /** Absent: nothing is noted. */
  readonly trail?: Trail;
}

export interface CharServer extends Pick<WorldOperations, "changes" | "operations" | "playerOrders"> {
  /** Resolves once the char-server is linked to the login-server. */
  start(): Promise<void>;
  /** If `dialect` is absent, the client is a native client. */
  acceptClient(channel: ByteChannel, dialect?: Dialect<CharDoor>): void;
  acceptMapServer(channel: ByteChannel): void;
  readonly clientCount: number;
  readonly status: ServerStatus;
  /** Null: no map-server with this name is linked or can come back. */
  mapServerStatus(server: string): MapServerStatus | null;
  /**
   * Asks the map-server to pass its players to other map-servers and then to stop. Does not wait until the
   * players have left.
   */
  drainMapServer(server: string): Promise<MapServerStatus | null>;
  readonly isLinked: boolean;
  /**
   * `release`: all players are saved and leave. If some are still here after the evict timer, they keep their
   * locks. `keep`: players stay on their maps for the next process, which must start within the reconnect
   * timer. Clients at character select are disconnected, and hand-overs that have begun are completed.
   */
  stop(how?: "release" | "keep"): Promise<void>;
}

const statusMs = 2_000;
const settleMs = 1_000;
/** The trail knows to within this time when an account was in use. */
const seenEveryMs = 60_000;
const restoreMsMax = 2_000;

export function createCharServer(host: Host, deps: CharServerDeps): CharServer {
  const { log, clock, metrics, failed } = host;
  const { store, timing, characters, credentials, rules, trail = noTrail } = deps;
  const world = deps.world.name;
  const kept = new KeptHosts(host, { store: deps.mapHosts, world });
  const hosting = new MapHosting(host, (assignment) => kept.keep(assignment));
  const spawnMap = new SpawnMap(host, { map: rules.spawn.map, known: () => hosting.known });
  // The process keeps this incarnation, because its clients stay connected while the link to the login-server
  // is lost and restored.
  const incarnation = Buffer.from(host.randomBytes(8)).toString("hex");
  const self: Owner = { server: credentials.server, incarnation };

  const doubted = (accountId: AccountId): void => accounts.doubted(accountId);
  const locks = new CharacterLocks(host, { store, timing, perform, doubted });
  const registry = new ServerRegistry(host, {
    store,
    timing,
    isAlone: true,
    forfeit: (key, owner) => locks.forfeit(key, owner),
  });

  async function perform(accountId: AccountId, effect: CharacterEffect, kick: Kick): Promise<void> {
    return carryOut(host, { accounts, hosting }, { accountId, effect, kick });
  }

  const accounts = new AccountOwners(host, {
    locks,
    self,
    trail,
    login: {
      get isUp() {
        return login.isUp;
      },
      hold: (ticket) => login.hold(ticket),
      release: (...of) => login.release(...of),
      claim: (claimed) => login.claim(claimed),
    },
  });
  const login = new LoginLink(host, {
    connect: deps.connectLogin,
    credentials,
    cookies: deps.cookies,
    world: deps.world,
    accounts,
    announce: (announced) => operations.announcements.announce(announced, null),
    kick,
    admitted() {
      login.tellPlayers(hosting.players);
      if (!hasBeenAdmitted) retryInBackground(() => evictUnheld(hosting.mapServers, "lock-lost"));
      hasBeenAdmitted = true;
    },
    lost() {
      // The accounts may have new owners by now, so all clients are disconnected. Fences decide which saves
      // are still accepted.
      accounts.lostAll("cluster-link-lost");
      retryInBackground(() => evictUnheld(owners(), "cluster-link-lost"));
    },
  });
  let hasBeenAdmitted = false;

  function kick(...[accountId, loginId1, kicked]: Parameters<LoginLinkDeps["kick"]>): void {
    retryInBackground(async () => {
      if (!(await locks.evict(accountId, loginId1, kicked))) accounts.kick({ accountId, loginId1 }, kicked);
    });
  }

  /** Evicts the characters whose account locks were lost by this process or an earlier one. */
  async function evictUnheld(of: readonly Owner[], reason: KickReason): Promise<void> {
    for (const owner of of) await locks.evictAllOf(owner, reason, (...each) => !accounts.mayHold(...each));
  }

  /** Map-servers that had maps before this process started can take a whole reconnect timer to link. */
  const startedMs = clock.nowMs();
  const loaded = kept.load().then((assigned) => hosting.restore(assigned ?? new Map()), failed);
  // Map-servers that come back wait for the stored assignment, but at most `restoreMsMax`. Then maps are
  // assigned without it.
  const restored = Promise.race([loaded, delay(clock, restoreMsMax)]);

  /** If a map-server can no longer come back, other map-servers get its maps. */
  async function settleHosts(): Promise<void> {
    if (clock.nowMs() - startedMs < timing.reconnectMs) return;
    for (const server of hosting.awaited) if (!(await registry.isKnown(server))) hosting.gone(server);
  }

  const handOver = new HandOver(host, { world, timing, characters, locks, hosting, registry });
  const operations = createWorldOperations(host, {
    ...{ accounts, characters, hosting, locks, login, rules, timing, trail, world },
    mute: (of) => deps.accountOrders.setMute(of).finally(() => orders.given()),
  });
  const links = createMapServerLinks(host, {
    world,
    timing,
    bounds: deps.linkBounds,
    passwordOf: (username) => (username === credentials.username ? credentials.password : null),
    mapServerPresent: deps.mapServerPresent,
    registry,
    locks,
    hosting,
    restored,
    saves: new SaveQueue(characters),
    characters,
    worldStates: new WorldStates({ store: deps.worldStates, world, mapServers: () => hosting.mapServers }),
    playerOrders: operations.playerOrders,
    handOver,
    self,
    accounts,
    announced(incarnation) {
      for (const mapServer of hosting.hearing)
        if (mapServer.incarnation === incarnation) orders.tell(mapServer);
    },
  });
  const orders = new Orders(host, {
    ...{ accountOrders: deps.accountOrders, networkBans: deps.networkBans, hosting, accounts, kick },
    hints: deps.hints ?? null,
    banned: () => door.putOutBanned(),
  });

  const atDoor = { world, rules, characters, accounts, handOver, spawnMap, self, trail };
  const door = new ClientDoor<CharDoor>(host, {
    door: "char",
    bounds: deps.clientBounds,
    bans: orders.bans,
    welcome: (client) => visitCharServer(host, client, atDoor),
  });

  metrics.watch("worldPlayers", {}, () => hosting.players);

  const sweeper = new Sweeper(host, {
    store,
    freeLate: () => registry.freeLate(),
    async expire(key) {
      if (registry.owns(key)) return registry.expire(key);
      const was = await locks.expire(key);
      if (was === null) return;
      metrics.count("locksExpired", { kind: "character", state: was.state });
      const trace = "trace" in was ? was.trace : undefined;
      log.info({ trace, key, was: was.state }, "character lock expired");
    },
  });

  const stopSeeing = clock.every(seenEveryMs, () => {
    for (const { accountId, account } of accounts.logins)
      if (account !== null) trail.seen({ accountId, fence: account.accountFence });
  });
  const stopRenewing = clock.every(Math.max(50, timing.chooseMs / 3), () => accounts.renew());
  const stopSettling = clock.every(settleMs, settle);
  let isStopped = false;
  let isOver = false;
  let lossesSeen = 0;

  function settle(): void {
    if (store.losses.count !== lossesSeen) accounts.renew();
    lossesSeen = store.losses.count;
    background(() => accounts.settle());
  }
  const stopSettlingHosts = clock.every(settleMs, () => {
    spawnMap.look();
    background(settleHosts);
  });
  const confirmations = new Confirmations({ accounts, login, kick });
  const stopConfirming = clock.every(confirmEveryMs, () => void confirmations.confirmSome().catch(failed));
  const stopTelling = clock.every(statusMs, () => login.tellPlayers(hosting.players));

  async function sendAllAway(reason: KickReason): Promise<void> {
    accounts.kickAll(reason);
    for (const owner of owners()) await locks.evictAllOf(owner, reason);
  }

  /** Returns all servers that may own character locks in this world. */
  const owners = (): readonly Owner[] => [...hosting.mapServers, self];

  function background(work: () => Promise<unknown>): void {
    orUnavailable(log, work).catch(failed);
  }

  /** Repeats the work until the stores answer, because no other code repeats it. */
  function retryInBackground(work: () => Promise<unknown>): void {
    const waits = "a store did not answer";
    untilAvailable(host, work, { waits, isOver: () => isOver }).catch(failed);
  }

  /**
   * Counts the locks of all incarnations, because the earlier incarnations of a server that just came back
   * may still own locks.
   */
  async function everybodyLeft(): Promise<boolean> {
    const linked = links.admittedServers.flatMap(({ server, incarnation, earlier }) =>
      [incarnation, ...earlier].map((each) => ({ server, incarnation: each })),
    );
    const away = await Promise.all(hosting.awaited.map((server) => registry.incarnationsOf(server)));
    for (const owner of [...linked, ...away.flat(), self]) if ((await locks.countOf(owner)) > 0) return false;
    return true;
  }

  /** Disconnects the clients at character select, because the next process cannot use their locks. */
  async function emptyCharacterSelect(): Promise<void> {
    const choosing = new Set(accounts.atSelect.map(({ accountId }) => accountId));
    accounts.kickAll("server-stopping");
    await locks.evictAllOf(self, "server-stopping", (accountId) => choosing.has(accountId));
  }

  return {
    async start() {
      await knowNames(host, { names: rules.names, characters, world, isOver: () => isStopped });
      await login.start();
    },
    acceptClient: (channel, dialect = nativeCharDoor) => door.accept(channel, dialect),
    acceptMapServer: (channel) => links.accept(channel),
    ...operations,
    mapServerStatus: (server) => hosting.statusOf(server),
    async drainMapServer(server) {
      const { state } = hosting.statusOf(server) ?? {};
      if (state !== undefined && state !== "away")
        await hosting.drain(server)?.ask({ type: "map-server.drain" }, waits.kickMs);
      return hosting.statusOf(server);
    },
    get clientCount() {
      return door.clientCount;
    },
    get status(): ServerStatus {
      const toLogin = { kind: "login", name: null, state: login.state } as const;
      return {
        state: "up",
        maps: [],
        clients: door.clientCount,
        players: hosting.players,
        capacity: null,
        links: [toLogin, ...links.statuses],
      };
    },
    get isLinked() {
      return login.isUp;
    },
    async stop(how = "release") {
      isStopped = true;
      door.close();
      stopSeeing();
      stopRenewing();
      stopSettling();
      stopSettlingHosts();
      stopConfirming();
      stopTelling();
      await orders.stop();
      if (how === "keep") await mapServersDrained(host, hosting, timing.evictMs);
      let isReleased = false;
      try {
        // Before accounts are given up, complete all hand-overs, and learn which map-servers may come back.
        await Promise.all([handOver.stop(), restored]);
        if (how === "release") {
          const isEmpty = await emptyWorld(host, {
            withinMs: timing.evictMs,
            sendAllAway: () => sendAllAway("server-stopping"),
            everybodyLeft,
            admitNobody: () => links.admitNobody(),
          });
          if (!isEmpty)
            log.error(
              {},
              "some players were not saved in time; they keep the state of their last periodic save",
            );
          isReleased = isEmpty;
        } else await emptyCharacterSelect();
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        log.error(
          { err: error },
          "the lock store does not answer; stopping without releasing locks; they will expire",
        );
      }
      kept.stop();
      door.stop("stopping");
      await sweeper.stop();
      await links.stop(isReleased ? "release" : "keep");
      // If no account is held, the next process has nothing to take over.
      await login.stop(isReleased || accounts.holdsNone ? "release" : "keep");
      isOver = true;
    },
  };
}
