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
 * The connecting end of a link between servers. It connects and proves itself. When the link is lost it
 * connects again, after a growing and jittered pause, and shows its cookie. Until then it still owns what it
 * holds. It loses that when the other end no longer knows the cookie, or when its own clock says that the
 * other end may soon give it away: then `lost` is called, once, and the next admission begins with nothing.
 */

/** `server` names the connecting server; username and password are those that the other end knows. */
export interface LinkCredentials {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

export interface ServerLinkOptions<Sends extends MessageTable, Receives extends MessageTable> {
  /** The kind of server at the other end, for the log. */
  readonly to: string;
  /** The setting that holds this server's name. */
  readonly nameVariable: string;
  readonly connect: () => Promise<ByteChannel>;
  readonly sends: Sends;
  readonly receives: Receives;
  readonly handlers: Handlers<Receives>;
  readonly credentials: LinkCredentials;
  /** Absent: the cookie ends with the process. */
  readonly cookies?: CookieJar | undefined;
  /**
   * Sets the link up before anything else may use it; false if it was lost meanwhile. `isBack`: everything
   * that is held must be reclaimed now; the rest is freed.
   */
  readonly admitted: (link: Link<Sends, Receives>, isBack: boolean) => Promise<boolean>;
  /** Called when another server may own the locks that were held under this link. */
  readonly lost: () => void;
}

const handshakeMs = 5_000;
const pause = { minMs: 200, maxMs: 5_000 };
/** The pauses of a server that may still come back with its cookie. */
const pauseBack = { ...pause, maxMs: 1_000 };
const aliveMs = 3_000;

export class ServerLink<Sends extends MessageTable, Receives extends MessageTable> {
  readonly #host: Host;
  readonly #options: ServerLinkOptions<Sends, Receives>;
  readonly #sends: MessageCodec<Sends>;
  readonly #receives: MessageCodec<Receives>;
  readonly #hold: LinkHold;
  /** Up and admitted, but perhaps not set up yet. */
  #link: Link<Sends, Receives> | null = null;
  #isReady = false;
  #isStopped = false;
  #isReleasing = false;
  #cookie: Uint8Array | null = null;
  /** Settled once it is known whether this server is admitted. */
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

  /** The link, if it is up and set up and this server still owns what it holds. */
  get current(): Link<Sends, Receives> | null {
    this.#hold.check();
    return this.#isReady && this.#link?.isOpen ? this.#link : null;
  }

  get state(): LinkStatus["state"] {
    const { current } = this;
    if (current === null) return "down";
    return current.isSuspect ? "suspect" : "up";
  }

  /** Waits for that link; null if there is none within that time, or everything is lost before. */
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

  /** Resolves at the first admission; keeps reconnecting until `stop`. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#run(resolve).catch(this.#host.failed);
    });
  }

  /**
   * `release`: releases the server lock first; call this when no locks are held any more. `keep`: the next
   * process takes over what is held, and the cookie, within the time that a lost link has.
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

  /** Runs one connection of the link; resolves when it is over, with the reason if it never came up. */
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
      // There was too little time. The next incarnation would have as little, and more to reclaim.
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
    // Store the cookie before the other end can conclude that this end has it.
    await this.#keep(introduced.value.cookie);
    // If the server lock stayed after a stop, it would keep the next process out until its timer ends.
    if (this.#isStopped) await this.#end(link);
    else if (link.isOpen) {
      this.#link = link;
      this.#hold.begin(askedMs, introduced.value.reconnectMs);
    }
    return introduced;
  }

  /**
   * Reports that the link is alive only after everything is reclaimed: until then the other end may still
   * give away what this server holds.
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

  /** The other end knows no incarnation that this server could continue. */
  async #begunAnew(): Promise<void> {
    this.#host.log.warn(
      { peerKind: this.#options.to },
      "the cookie is no longer known; starting without locks",
    );
    await this.#keep(null);
    this.#hold.giveUp();
  }

  #settleWaiting(link: Link<Sends, Receives> | null): void {
    for (const settle of [...this.#waiting]) settle(link);
  }
}

/** The tables of all connecting servers begin with the handshake. */
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
