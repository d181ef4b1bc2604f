import type { PasswordHasher } from "@sallyport/authentication";
import {
  Authentication,
  type AuthenticationSettings,
  defaultAuthenticationSettings,
} from "@sallyport/authentication";
import type { Clock } from "@sallyport/clock";
import { charToLogin, loginToChar, type ServerStatus } from "@sallyport/cluster-protocol";
import type { AccountStore } from "@sallyport/database";
import type { Dialect } from "@sallyport/dialects";
import { nativeLoginDoor } from "@sallyport/dialects/native";
import { type Directory, type HintBus, presenceMs } from "@sallyport/directory";
import { accepted, type LoginDoor, refused, Unavailable } from "@sallyport/domain";
import type { ByteChannel, Link } from "@sallyport/link";
import type { LockTiming } from "@sallyport/lock-core";
import type { LockStore } from "@sallyport/lock-store";
import {
  AnsweringLinks,
  type ClientBounds,
  ClientDoor,
  type LinkBounds,
  type Log,
  type Metrics,
  ServerRegistry,
  Sweeper,
} from "@sallyport/server-kit";
import { AccountLocks, type SecondLogin } from "./account-locks.ts";
import { visitLoginServer } from "./client-visit.ts";
import { OwnerLine } from "./owner-line.ts";
import { Worlds } from "./worlds.ts";

export interface LoginServerDeps
  extends Partial<AuthenticationSettings>,
    Partial<ClientBounds>,
    Partial<LinkBounds> {
  readonly accounts: AccountStore;
  readonly hasher: PasswordHasher;
  readonly store: LockStore;
  readonly timing: LockTiming;
  /** A secret that all login-servers of a database share. */
  readonly clusterSecret: Uint8Array;
  /** Passwords by username; each char-server has its own. */
  readonly charServers: ReadonlyMap<string, string>;
  readonly isRegistrationOpen: boolean;
  /** The policy for a login whose account is held. Each dialect has a default that suits its clients. */
  readonly secondLogin: SecondLogin | "by-dialect";
  /**
   * Through it login-servers learn of each other's worlds and reach char-servers linked elsewhere. Absent:
   * there is only one login-server.
   */
  readonly directory?: Directory & HintBus;
  readonly clock: Clock;
  /** Milliseconds since 1970. Used only for bans: locks run on the store's clock. */
  readonly wallMs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** Called on a bug: the process should log it and end. */
  readonly failed: (error: unknown) => void;
}

export interface LoginServer {
  /** Without a dialect, the client is a native one. */
  acceptClient(channel: ByteChannel, dialect?: Dialect<LoginDoor>): void;
  acceptCharServer(channel: ByteChannel): void;
  readonly clientCount: number;
  /** The state of this server for the directory. */
  readonly status: ServerStatus;
  stop(): Promise<void>;
}

/** How often the login-server reads from the directory which worlds are linked elsewhere. */
const lookMs = 1_000;

export function createLoginServer(deps: LoginServerDeps): LoginServer {
  const { timing, clock } = deps;
  const { directory = null } = deps;
  const worlds = new Worlds<Link<typeof loginToChar, typeof charToLogin>>(presenceMs);
  const owners = new OwnerLine({
    hints: directory,
    linkOf: (incarnation) => worlds.linkOf(incarnation),
    failed: deps.failed,
  });
  const locks = new AccountLocks({ ...deps, perform: (...of) => owners.tell(...of) });
  const registry = new ServerRegistry({ ...deps, forfeit: (key, owner) => locks.forfeit(key, owner) });

  const links = new AnsweringLinks<typeof loginToChar, typeof charToLogin>({
    ...deps,
    of: "char-server",
    expected: () => deps.charServers.size,
    sends: loginToChar,
    receives: charToLogin,
    // A username belongs to one char-server. If the server name could differ, several could share it.
    passwordOf: (username, server) => (server === username ? deps.charServers.get(username) : null) ?? null,
    registry,
    leaseMs: timing.leaseMs,
    linked: (life, link) => worlds.add(life, link),
    unlinked: ({ incarnation }) => worlds.remove(incarnation, clock.nowMs()),
    handlersOf: (life) => ({
      "world.announce": async ({ type: _, world, ...address }) =>
        worlds.announce(life().incarnation, { name: world, players: 0, ...address }),
      "world.status": ({ players }) => worlds.setPlayers(life().incarnation, players),
      "account.hold": (ticket) => locks.hold(ticket, life()),
      "account.owned": async ({ after }) => accepted(await locks.ownedBefore(life(), after)),
      "account.reclaim": async ({ accounts }) =>
        registry.isRecorded(life())
          ? accepted({ lost: await locks.reclaim(accounts, life()) })
          : refused("unavailable"),
      "account.release": async ({ accountId, loginId1 }) => {
        await locks.release({ accountId, loginId1, owner: life() });
        return accepted({});
      },
    }),
  });

  const authentication = new Authentication({
    ...deps,
    settings: { ...defaultAuthenticationSettings, ...deps },
    nowMs: () => clock.nowMs(),
    observer: {
      remembered: () => deps.metrics?.count("loginsRemembered", {}),
      heldBack: (by) => deps.metrics?.count("loginsHeldBack", { by }),
    },
  });
  const door = new ClientDoor<LoginDoor>({
    ...deps,
    door: "login",
    welcome: (client) => visitLoginServer(client, { ...deps, authentication, locks, worlds }),
  });

  const sweeper = new Sweeper({
    ...deps,
    expire: (key) => (registry.owns(key) ? registry.expire(key) : locks.expire(key)),
  });

  async function look(at: Directory): Promise<void> {
    try {
      worlds.hear(await at.list(), clock.nowMs());
    } catch (error) {
      // The last list stays valid. Without Redis nobody can log in anyway.
      if (!(error instanceof Unavailable)) deps.failed(error);
    }
  }
  const stopLooking = directory === null ? () => {} : clock.every(lookMs, () => void look(directory));
  if (directory !== null) void look(directory);

  return {
    acceptClient: (channel, dialect = nativeLoginDoor) => door.accept(channel, dialect),
    acceptCharServer: (channel) => links.accept(channel),
    get clientCount() {
      return door.clientCount;
    },
    get status(): ServerStatus {
      const world = { maps: [], players: 0, capacity: null };
      return { state: "up", ...world, clients: door.clientCount, links: links.statuses };
    },
    async stop() {
      door.stop("stopping");
      stopLooking();
      owners.stop();
      await sweeper.stop();
      await links.stop("keep");
    },
  };
}
