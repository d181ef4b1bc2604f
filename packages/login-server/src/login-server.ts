import {
  type AttemptLimits,
  Authentication,
  type AuthenticationSettings,
  MailedCodes,
  type MailTokens,
  type PasswordHasher,
  readEmail,
  type SendLetter,
} from "@sallyport/authentication";
import { charToLogin, loginToChar, type ServerStatus } from "@sallyport/cluster-protocol";
import { type AccountStore, type NetworkBans, noTrail, type Trail } from "@sallyport/database";
import type { Dialect } from "@sallyport/dialects";
import { nativeLoginDoor } from "@sallyport/dialects/native";
import { type Directory, type HintBus, presenceMs } from "@sallyport/directory";
import { type AccountId, accepted, type LoginDoor, refused, Unavailable } from "@sallyport/domain";
import type { ByteChannel, Link } from "@sallyport/link";
import type { LockTiming } from "@sallyport/lock-core";
import type { LockStore } from "@sallyport/lock-store";
import {
  AnsweringLinks,
  type ClientBounds,
  ClientDoor,
  type Host,
  type LinkBounds,
  ServerRegistry,
  Sweeper,
} from "@sallyport/server-kit";
import { AccountLocks, type AccountLocksDeps, type SecondLogin } from "./account-locks.ts";
import { Announcements } from "./announcements.ts";
import type { ClientVersions } from "./client-versions.ts";
import { visitLoginServer } from "./client-visit.ts";
import { LoginsToEnd } from "./logins-to-end.ts";
import { followOrders } from "./orders.ts";
import { OwnerLine } from "./owner-line.ts";
import { loginCheck } from "./tokens/is-logged-in.ts";
import { TokenAllowance } from "./tokens/token-allowance.ts";
import { type PublishedTokens, TokenIssuer, type TokenIssuerDeps } from "./tokens/token-issuer.ts";
import { logWhoIsIn } from "./who-is-in.ts";
import { Worlds } from "./worlds.ts";

export interface LoginServerDeps {
  readonly accounts: AccountStore;
  readonly networkBans: Pick<NetworkBans, "bansAfter">;
  readonly hasher: PasswordHasher;
  readonly store: LockStore;
  readonly timing: LockTiming;
  /** All login-servers of a database share this secret. */
  readonly clusterSecret: Uint8Array;
  readonly authentication: AuthenticationSettings;
  /** Returns the limits on attempts to log in and to register that hold for a client at this host. */
  readonly limitsFor: (host: string) => AttemptLimits;
  readonly clientBounds: ClientBounds;
  readonly linkBounds: LinkBounds;
  /** The key is a username, and the value is its password. Each char-server has its own password. */
  readonly charServers: ReadonlyMap<string, string>;
  readonly mailTokens: MailTokens;
  /** Absent: this cluster sends no mail. */
  readonly sendLetter?: SendLetter | null;
  /** The clients that may log in. Absent: all. */
  readonly clientVersions?: ClientVersions;
  /**
   * This policy applies to a login whose account is held. Each dialect has a default that suits its clients.
   */
  readonly secondLogin: SecondLogin | "by-dialect";
  /**
   * Login-servers use the directory to learn of each other's worlds, and to reach char-servers that are
   * linked to another login-server. Absent if there is only one login-server.
   */
  readonly directory?: Directory & HintBus;
  /** Absent: nothing is noted. */
  readonly trail?: Trail;
  /** Absent: clients get no identity tokens here. */
  readonly tokens?: TokenIssuerDeps | null;
}

export interface LoginServer {
  /** If `dialect` is absent, the client is a native client. */
  acceptClient(channel: ByteChannel, dialect?: Dialect<LoginDoor>): void;
  acceptCharServer(channel: ByteChannel): void;
  /** Ends the logins of an account: see `AccountLocks.putOut`. */
  putOut: AccountLocks["putOut"];
  /** Ends the logins of an account after a new password: see `LoginsToEnd`. */
  endLogins: LoginsToEnd["end"];
  /** Call this after an order about accounts, networks or devices was stored, so that it counts at once. */
  orderGiven(): void;
  /** Null: clients get no identity tokens here. */
  readonly tokens: PublishedTokens | null;
  /** Logs which accounts are owned by the char-servers that are linked here. */
  logWhoIsIn(): Promise<void>;
  readonly isConfirmationRequired: boolean;
  readonly clientCount: number;
  readonly status: ServerStatus;
  stop(): Promise<void>;
}

/** At this interval, the login-server deletes places, codes and keys that are too old to count. */
const forgetMs = 3_600_000;

/** At this interval, the login-server reads from the directory which worlds are linked elsewhere. */
const lookMs = 1_000;

export function createLoginServer(host: Host, deps: LoginServerDeps): LoginServer {
  const { clock, log, metrics } = host;
  const { accounts, store, timing, directory = null, trail = noTrail } = deps;
  const worlds = new Worlds<Link<typeof loginToChar, typeof charToLogin>>(presenceMs);
  const owners = new OwnerLine(host, {
    hints: directory,
    linkOf: (incarnation) => worlds.linkOf(incarnation),
  });
  const announcements = new Announcements(host, { hints: directory, links: () => worlds.links });
  const perform: AccountLocksDeps["perform"] = (...of) => owners.tell(...of);
  const locks = new AccountLocks(host, { store, timing, accounts, trail, perform });
  const loginsToEnd = new LoginsToEnd(host, locks);
  const forfeit: AccountLocks["forfeit"] = (...of) => locks.forfeit(...of);
  const registry = new ServerRegistry(host, { store, timing, forfeit });

  const links = new AnsweringLinks<typeof loginToChar, typeof charToLogin>(host, {
    of: "char-server",
    expected: () => deps.charServers.size,
    sends: loginToChar,
    receives: charToLogin,
    // The server name has to be the username. Otherwise several char-servers could share one username.
    passwordOf: (username, server) => (server === username ? deps.charServers.get(username) : null) ?? null,
    registry,
    leaseMs: timing.leaseMs,
    bounds: deps.linkBounds,
    linked: (admittedServer, link) => worlds.add(admittedServer, link),
    unlinked: ({ incarnation }) => worlds.remove(incarnation, clock.nowMs()),
    handlersOf: (admittedServer) => ({
      "world.announce": async ({ type: _, world, ...address }) =>
        worlds.announce(admittedServer().incarnation, { name: world, players: 0, ...address }),
      "world.status": ({ players }) => worlds.setPlayers(admittedServer().incarnation, players),
      "account.hold": (ticket) => locks.hold(ticket, admittedServer()),
      "account.operate": ({ accountId }) => locks.operate(accountId),
      "announcement.everywhere": ({ text, from }) => announcements.announce({ text, from }),
      "account.owned": async ({ after }) => accepted(await locks.ownedBefore(admittedServer(), after)),
      "account.reclaim": async ({ accounts }) =>
        registry.isRecorded(admittedServer())
          ? accepted({ lost: await locks.reclaim(accounts, admittedServer()) })
          : refused("unavailable"),
      "account.release": async ({ accountId, loginId1 }) => {
        await locks.release({ accountId, loginId1, owner: admittedServer() });
        return accepted({});
      },
    }),
  });

  const codes = new MailedCodes({
    ...{ accounts, tokens: deps.mailTokens, hasher: deps.hasher, randomBytes: host.randomBytes },
    send: deps.sendLetter ?? null,
    observer: {
      sent: (letter) => log.info(letter, "mail sent"),
      failed: (err) => log.warn({ err }, "mail not sent"),
      leftOut: () => metrics.count("mailsLeftOut", {}),
    },
  });
  const authentication = new Authentication({
    accounts,
    hasher: deps.hasher,
    clusterSecret: deps.clusterSecret,
    settings: deps.authentication,
    nowMs: () => clock.nowMs(),
    wallMs: host.wallMs,
    randomBytes: host.randomBytes,
    observer: {
      remembered: () => metrics.count("loginsRemembered", {}),
      heldBack: (by) => metrics.count("loginsHeldBack", { by }),
      // The first letter may have been lost.
      unconfirmed: ({ accountId, email }, { address }) => {
        const read = readEmail(email ?? "");
        if (read !== null) codes.sendConfirmation({ accountId, email: read }, address);
      },
    },
  });
  const orders = followOrders(host, {
    ...{ accountOrders: accounts, networkBans: deps.networkBans, locks, timing, hints: directory },
    banned: () => door.putOutBanned(),
  });
  const { bans } = orders;
  const { secondLogin, clientVersions = [] } = deps;
  const tokens = deps.tokens ? new TokenIssuer(host, deps.tokens) : null;
  const tokenAllowance = new TokenAllowance();
  const { isConfirmationRequired } = deps.authentication;
  const visits = {
    ...{ authentication, codes, locks, loginsToEnd, worlds, bans, trail, tokens },
    isLoggedIn: loginCheck(store, timing),
    tokenWaitMs: (accountId: AccountId) => tokenAllowance.take(accountId, clock.nowMs()),
    ...{ limitsFor: deps.limitsFor, secondLogin, clientVersions, isConfirmationRequired },
  };
  const door = new ClientDoor<LoginDoor>(host, {
    door: "login",
    bounds: deps.clientBounds,
    bans,
    welcome: (client) => visitLoginServer(host, client, visits),
  });

  const sweeper = new Sweeper(host, {
    store,
    freeLate: () => registry.freeLate(),
    expire: (key) => (registry.owns(key) ? registry.expire(key) : locks.expire(key)),
  });

  async function look(at: Directory): Promise<void> {
    try {
      worlds.hear(await at.list(), clock.nowMs());
    } catch (error) {
      // Keep the last list. Without Redis, no client can log in anyway.
      if (!(error instanceof Unavailable)) host.failed(error);
    }
  }
  const stopLooking = directory === null ? () => {} : clock.every(lookMs, () => void look(directory));
  if (directory !== null) void look(directory);

  async function forget(): Promise<void> {
    try {
      await accounts.forgetPlaces();
      await deps.mailTokens.forgetExpired();
      await tokens?.forget();
    } catch (error) {
      // Old rows harm nobody, and are deleted the next time.
      if (!(error instanceof Unavailable)) host.failed(error);
    }
  }
  const stopForgetting = clock.every(forgetMs, () => void forget());

  return {
    acceptClient: (channel, dialect = nativeLoginDoor) => door.accept(channel, dialect),
    acceptCharServer: (channel) => links.accept(channel),
    putOut: (...of) => locks.putOut(...of),
    endLogins: (...of) => loginsToEnd.end(...of),
    orderGiven: () => orders.given(),
    isConfirmationRequired,
    tokens,
    logWhoIsIn: () => logWhoIsIn(host, store, worlds.servers),
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
      stopForgetting();
      owners.stop();
      loginsToEnd.stop();
      await codes.stop();
      await tokens?.stop();
      await orders.stop();
      announcements.stop();
      await locks.stop();
      await sweeper.stop();
      await links.stop("keep");
    },
  };
}
