import { backOffMs, retry } from "@sallyport/clock";
import { type Asker, introduce, type LinkStatus } from "@sallyport/cluster-protocol";
import {
  type ByteChannel,
  describeClose,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
} from "@sallyport/link";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import type { Host } from "../running/host.ts";
import { insist } from "../running/insist.ts";
import type { CookieJar } from "./cookie-jar.ts";
import { LinkHold } from "./link-hold.ts";
import { requestHandlers } from "./request-handlers.ts";

/*
 * The connecting side of a link. It proves its password to the other server. After the link is lost, the
 * connecting side tries again, after growing pauses with jitter, and shows its cookie. Meanwhile this server
 * still owns its locks. This server loses its locks if the other server no longer knows the cookie. It also
 * loses them when its own clock says that the other server may soon give them away. Then `lost` is called
 * once, and the next admission begins without locks.
 */

/** `server`: the name of the connecting server. The other server knows the username and the password. */
export interface LinkCredentials {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

export interface ServerLinkOptions<Sends extends MessageTable, Receives extends MessageTable> {
  readonly to: string;
  readonly nameVariable: string;
  readonly connect: () => Promise<ByteChannel>;
  readonly sends: Sends;
  readonly receives: Receives;
  readonly handlers: Handlers<Receives>;
  readonly credentials: LinkCredentials;
  /** Absent: the cookie is lost when the process ends. */
  readonly cookies?: CookieJar | undefined;
  /**
   * Prepares the link before anything else may use it. Resolves to false if the link was lost before that was
   * done. `isBack`: this server came back, and must now reclaim every lock that it wants to keep. The other
   * locks are freed.
   */
  readonly admitted: (link: Link<Sends, Receives>, isBack: boolean) => Promise<boolean>;
  /** Called when another server may own the locks that this server owned. */
  readonly lost: () => void;
}

const handshakeMs = 5_000;
const pause = { minMs: 200, maxMs: 5_000 };
/** The pauses between attempts while this server may still come back with its cookie. */
const pauseBack = { ...pause, maxMs: 1_000 };
const aliveMs = 3_000;

export class ServerLink<Sends extends MessageTable, Receives extends MessageTable> {
  readonly #host: Host;
  readonly #options: ServerLinkOptions<Sends, Receives>;
  readonly #sends: MessageCodec<Sends>;
  readonly #receives: MessageCodec<Receives>;
  readonly #hold: LinkHold;
  /** The admitted link. Callers may use it only while `#isReady` is true. */
  #link: Link<Sends, Receives> | null = null;
  #isReady = false;
  #isStopped = false;
  #isReleasing = false;
  #cookie: Uint8Array | null = null;
  /** The handshake in progress. It settles when it is known whether this server is admitted. */
  #introduction: Promise<unknown> | null = null;
  readonly #waiting = new Set<(link: Link<Sends, Receives> | null) => void>();

  constructor(host: Host, options: ServerLinkOptions<Sends, Receives>) {
    this.#host = host;
    this.#options = options;
    this.#sends = new MessageCodec(options.sends);
    this.#receives = new MessageCodec(options.receives);
    const { clock, log, metrics } = host;
    const { to, lost } = options;
    this.#hold = new LinkHold({
      clock,
      ended: () => {
        log.error({ peerKind: to }, "without a link for too long; disconnecting all clients");
        this.#link?.close("this server stepped down");
        this.#settleWaiting(null);
        lost();
      },
    });
    metrics.watch("links", { with: to }, () => (this.#link === null ? 0 : 1));
    metrics.watch("linksExpected", { with: to }, () => 1);
  }

  /** The link, if it is ready and this server still owns its locks. Otherwise null. */
  get current(): Link<Sends, Receives> | null {
    this.#hold.check();
    return this.#isReady && this.#link?.isOpen ? this.#link : null;
  }

  get state(): LinkStatus["state"] {
    const { current } = this;
    if (current === null) return "down";
    return current.isSuspect ? "suspect" : "up";
  }

  /**
   * Waits until `current` is a link. Null: no link was ready within `withinMs`, this server lost its locks,
   * or `stop` was called.
   */
  untilUp(withinMs: number): Promise<Link<Sends, Receives> | null> {
    const { current } = this;
    if (current !== null || this.#isStopped || !this.#hold.isHolding) return Promise.resolve(current);
    return new Promise((resolve) => {
      const settle = (link: Link<Sends, Receives> | null): void => {
        stopWaiting();
        this.#waiting.delete(settle);
        resolve(link);
      };
      const stopWaiting = this.#host.clock.after(withinMs, () => settle(null));
      this.#waiting.add(settle);
    });
  }

  /** Resolves when the link is ready for the first time. Keeps reconnecting until `stop` is called. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#run(resolve).catch(this.#host.failed);
    });
  }

  /**
   * `release`: gives up the server lock, then closes the link. Use it when this server owns no more locks.
   * `keep`: the server lock stays. The next process can show the same cookie and take over the locks, within
   * the time in which a server may come back.
   */
  async stop(how: "release" | "keep" = "release"): Promise<void> {
    this.#isReleasing = how === "release";
    this.#isStopped = true;
    await this.#introduction;
    if (this.#link !== null) await this.#end(this.#link);
    this.#hold.release();
    this.#settleWaiting(null);
  }

  async #end(link: Link<Sends, Receives>): Promise<void> {
    if (this.#isReleasing) {
      const left = await askerOf(link).ask({ type: "link.leave" }, handshakeMs);
      if (left.ok) await this.#keep(null);
    }
    link.close("stopping");
  }

  async #keep(cookie: Uint8Array | null): Promise<void> {
    this.#cookie = cookie;
    await this.#options.cookies?.store(cookie);
  }

  async #run(admittedOnce: () => void): Promise<void> {
    const { log, clock, random } = this.#host;
    const { to, cookies } = this.#options;
    this.#cookie = (await cookies?.load()) ?? null;
    let failures = 0;
    let lastComplaint = "";
    const live = async () => (this.#isStopped ? null : this.#live(admittedOnce));
    await retry(clock, live, (complaint) => {
      if (this.#isStopped) return null;
      failures = complaint === null ? 0 : failures + 1;
      if (complaint !== null && complaint !== lastComplaint)
        log.warn({ peerKind: to, why: complaint }, "cannot link; trying again");
      lastComplaint = complaint ?? "";
      return backOffMs(failures, this.#cookie === null ? pause : pauseBack) * (0.5 + random());
    });
  }

  /**
   * Runs one connection of the link, and resolves when it has ended. A text: the reason why this server was
   * not admitted. Null: this server was admitted, or is stopping.
   */
  async #live(admittedOnce: () => void): Promise<string | null> {
    const { log, clock, metrics } = this.#host;
    const { to, handlers, credentials, nameVariable } = this.#options;
    let channel: ByteChannel;
    try {
      channel = await this.#options.connect();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    if (this.#isStopped) {
      channel.destroy();
      return null;
    }
    let ended: (reason: string) => void = () => {};
    const whenEnded = new Promise<string>((resolve) => {
      ended = resolve;
    });
    const link = new Link<Sends, Receives>({
      channel,
      sends: this.#sends,
      receives: this.#receives,
      handlers: requestHandlers(this.#host, to, handlers),
      clock,
      limits: interServerLimits,
      heartbeat: interServerHeartbeat,
      events: {
        closed: (reason) => ended(describeClose(reason)),
        suspect: () => log.warn({ peerKind: to }, "link is silent"),
        alive: () => log.info({ peerKind: to }, "link is no longer silent"),
        failed: this.#host.failed,
        dropped: (request) => metrics.count("linkRequests", { with: to, request, answer: "dropped" }),
      },
    });
    const isBack = this.#cookie !== null;
    const introduction = this.#introduce(link);
    this.#introduction = introduction;
    const introduced = await introduction;
    this.#introduction = null;
    if (!introduced.ok) {
      link.close("not admitted");
      if (introduced.refusal === "cookie-unknown") await this.#begunAnew();
      return describeRefusal(introduced.refusal, { ...credentials, nameVariable });
    }
    if (this.#link !== link) return null;
    const isWelcome = await this.#setUp(link, isBack);
    if (isWelcome) {
      log.info({ peerKind: to }, isBack ? "linked again" : "linked");
      admittedOnce();
    } else if (!this.#hold.isHolding && !this.#isStopped) {
      // Reclaiming took too long. The next incarnation would have no more time, but more locks to reclaim. So
      // this server drops its cookie and begins without locks.
      log.warn({ peerKind: to }, "locks not reclaimed in time; disconnecting all clients");
      await this.#keep(null);
    }
    const why = await whenEnded;
    this.#link = null;
    this.#isReady = false;
    if (!this.#isStopped) log.warn({ peerKind: to, why }, "link lost");
    return null;
  }

  async #introduce(link: Link<Sends, Receives>) {
    const { randomBytes, clock } = this.#host;
    const credentials = { ...this.#options.credentials, cookie: this.#cookie };
    const askedMs = clock.nowMs();
    const introduced = await introduce(askerOf(link), credentials, randomBytes, handshakeMs);
    if (!introduced.ok) return introduced;
    // Store the cookie before any other message is sent. The other server may take such a message as a sign
    // that this server has the cookie.
    await this.#keep(introduced.value.cookie);
    // If this server is stopping, end the link. If `stop` was called with `release`, this also gives up the
    // new server lock. Otherwise that lock would keep the next process out until it expires.
    if (this.#isStopped) await this.#end(link);
    else if (link.isOpen) {
      this.#link = link;
      this.#hold.begin(askedMs, introduced.value.reconnectMs);
    }
    return introduced;
  }

  /**
   * A server that came back asks `link.alive` only after it has reclaimed its locks. Until then, the other
   * server may still give the locks away.
   */
  async #setUp(link: Link<Sends, Receives>, isBack: boolean): Promise<boolean> {
    const { admitted } = this.#options;
    const keepAlive = (): void =>
      this.#hold.keepAlive(async () => (await askerOf(link).ask({ type: "link.alive" }, aliveMs)).ok);
    if (!isBack) keepAlive();
    if (!(await admitted(link, isBack)) || !link.isOpen) return false;
    this.#isReady = true;
    if (isBack) keepAlive();
    this.#settleWaiting(this.current);
    if (isBack) this.#tellReclaimed(link).catch(this.#host.failed);
    return true;
  }

  async #tellReclaimed(link: Link<Sends, Receives>): Promise<void> {
    await insist(link, this.#host.clock, () => askerOf(link).ask({ type: "link.reclaimed" }, handshakeMs));
  }

  /** The other server does not know the cookie. So this server gives up its locks and begins as a new one. */
  async #begunAnew(): Promise<void> {
    this.#host.log.warn(
      { peerKind: this.#options.to },
      "the other server does not know this server's cookie; beginning without locks",
    );
    await this.#keep(null);
    this.#hold.giveUp();
  }

  #settleWaiting(link: Link<Sends, Receives> | null): void {
    for (const settle of [...this.#waiting]) settle(link);
  }
}

/** The message tables of all connecting servers contain the handshake. */
const askerOf = (link: unknown): Asker => link as Asker;

function describeRefusal(refusal: string, of: LinkCredentials & { readonly nameVariable: string }): string {
  switch (refusal) {
    case "wrong-username-or-password":
      return `the username ${of.username} or its password is wrong; check that both servers have the same`;
    case "server-lock-exists":
      return `a server named ${of.server} is linked, or may still come back; if that is another server, give this one another name with ${of.nameVariable}`;
    case "cookie-unknown":
      return "the other end has given this server up";
    case "version-unsupported":
      return "the other end speaks another version of the protocol";
    case "unanswered":
      return "no answer to the first request, or the other end closed the connection; its log says why";
    case "not-genuine":
      return "the other end does not know the password";
    default:
      return `refused: ${refusal}`;
  }
}
