import { type Asker, introduce, type LinkStatus } from "@sallyport/cluster-protocol";
import {
  type ByteChannel,
  describeClose,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
} from "@sallyport/link";
import {
  decideServerLink,
  holdEndMs,
  type LinkEffect,
  type LinkEvent,
  type LinkLine,
  type ServerLinkState,
  type StopHow,
  unlinked,
} from "@sallyport/lock-core";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import type { Host } from "../running/host.ts";
import { insist } from "../running/insist.ts";
import type { CookieJar } from "./cookie-jar.ts";
import { requestHandlers } from "./request-handlers.ts";

/**
 * The connecting side of a link. This shell holds the connection, the timers and the cookie jar. It passes
 * their events to `serverLinkTable`, and carries out the effects. It proves its password to the server at the
 * other end.
 */

/** `server` is the name of this server. The server at the other end knows the username and the password. */
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
  /** Stores the cookie. If absent, the cookie is lost when the process ends. */
  readonly cookies?: CookieJar | undefined;
  /**
   * Prepares the link before anything else can use it. Resolves to false if the link was lost during the
   * preparation. If `isBack` is true, this server came back. It must now reclaim every lock that it wants to
   * keep, because its other locks are freed.
   */
  readonly admitted: (link: Link<Sends, Receives>, isBack: boolean) => Promise<boolean>;
  /** Called when the locks of this server may have other owners. */
  readonly lost: () => void;
}

const handshakeMs = 5_000;
const aliveMs = 3_000;

/** The level and the message of each log line. `warn` and `error` are for operators. */
const lines: { readonly [L in LinkLine]: readonly ["info" | "warn" | "error", string] } = {
  linked: ["info", "linked"],
  "linked-again": ["info", "linked again"],
  "link-lost": ["warn", "link lost"],
  "cannot-link": ["warn", "cannot link; trying again"],
  "cookie-unknown": ["warn", "the other server does not know this server's cookie; beginning without locks"],
  "without-link": ["error", "without a link for too long; disconnecting all clients"],
  "not-reclaimed": ["warn", "locks not reclaimed in time; disconnecting all clients"],
};

export class ServerLink<Sends extends MessageTable, Receives extends MessageTable> {
  readonly #host: Host;
  readonly #options: ServerLinkOptions<Sends, Receives>;
  readonly #sends: MessageCodec<Sends>;
  readonly #receives: MessageCodec<Receives>;
  #state: ServerLinkState = unlinked;
  /** The link of the newest connection. */
  #link: Link<Sends, Receives> | null = null;
  /** The last write of the cookie. */
  #stored: Promise<void> = Promise.resolve();
  /** The last call of `admitted`. */
  #prepared: Promise<void> = Promise.resolve();
  #stopTimer: () => void = () => {};
  #stopAsking: () => void = () => {};
  readonly #waiting = new Set<(link: Link<Sends, Receives> | null) => void>();
  readonly #watching = new Set<{ readonly state: ServerLinkState["state"]; readonly reached: () => void }>();

  constructor(host: Host, options: ServerLinkOptions<Sends, Receives>) {
    this.#host = host;
    this.#options = options;
    this.#sends = new MessageCodec(options.sends);
    this.#receives = new MessageCodec(options.receives);
    const of = { with: options.to };
    host.metrics.watch("links", of, () => (isAdmitted(this.#state) ? 1 : 0));
    host.metrics.watch("linksExpected", of, () => 1);
  }

  /**
   * The link, if it is ready and this server still owns its locks. Otherwise null. After a long pause, a
   * process notices here that its time is over.
   */
  get current(): Link<Sends, Receives> | null {
    this.#feed({ type: "expire" });
    return this.#state.state === "up" && this.#link?.isOpen ? this.#link : null;
  }

  get state(): LinkStatus["state"] {
    const { current } = this;
    if (current === null) return "down";
    return current.isSuspect ? "suspect" : "up";
  }

  /**
   * Waits until `current` is a link. Resolves to null in three cases. 1: no link was ready within `withinMs`.
   * 2: this server lost its locks. 3: `stop` was called.
   */
  untilUp(withinMs: number): Promise<Link<Sends, Receives> | null> {
    const { current } = this;
    if (current !== null || !("hold" in this.#state)) return Promise.resolve(current);
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

  /** Connects, and reconnects until `stop` is called. Resolves when the link is ready for the first time. */
  start(): Promise<void> {
    this.#begin().catch(this.#host.failed);
    return this.#until("up");
  }

  async #begin(): Promise<void> {
    this.#feed({ type: "begin", cookie: (await this.#options.cookies?.load()) ?? null });
  }

  /**
   * With `release`, gives up the server lock and then closes the link. Use it when this server owns no more
   * locks. With `keep`, the server lock stays. The next process can then show the same cookie and take over
   * the locks, if it comes before the reconnect timer ends.
   */
  async stop(how: StopHow = "release"): Promise<void> {
    this.#feed({ type: "stop", how });
    await this.#until("stopped");
    await this.#stored;
  }

  #until(state: ServerLinkState["state"]): Promise<void> {
    if (this.#state.state === state) return Promise.resolve();
    return new Promise((reached) => this.#watching.add({ state, reached }));
  }

  /** Returns false if the event has no effect in this state. */
  #feed(event: LinkEvent): boolean {
    const decision = decideServerLink(this.#state, event, { nowMs: this.#host.clock.nowMs() });
    if (!decision.ok) return false;
    this.#state = decision.next;
    for (const effect of decision.effects) this.#perform(effect);
    this.#follow();
    return true;
  }

  /** Updates the timers and the waiting callers after a change of state. */
  #follow(): void {
    const { clock } = this.#host;
    if (!isAdmitted(this.#state)) this.#stopAsking();
    this.#stopTimer();
    if ("hold" in this.#state) {
      const leftMs = holdEndMs(this.#state.hold) - clock.nowMs();
      // A timer can fire a moment too early. Then it is set again.
      const expire = () => this.#feed({ type: "expire" }) || this.#follow();
      this.#stopTimer = clock.after(Math.max(1, leftMs), expire);
    }
    const link = this.#state.state === "up" ? this.current : null;
    if (link !== null || !("hold" in this.#state)) for (const settle of [...this.#waiting]) settle(link);
    for (const watch of [...this.#watching]) {
      if (watch.state !== this.#state.state) continue;
      this.#watching.delete(watch);
      watch.reached();
    }
  }

  #perform(effect: LinkEffect): void {
    const { clock, random, log, failed } = this.#host;
    switch (effect.type) {
      case "connect":
        this.#connect(effect.attempt).catch(failed);
        return;
      case "introduce":
        this.#introduce(effect.attempt, effect.cookie).catch(failed);
        return;
      case "store-cookie":
        this.#stored = this.#store(this.#stored, effect.attempt, effect.cookie).catch(failed);
        return;
      case "set-up":
        this.#prepared = this.#setUp(effect.attempt, effect.isBack).catch(failed);
        return;
      case "keep-alive":
        return this.#keepAlive(effect.attempt, effect.everyMs);
      case "tell-reclaimed":
        this.#tellReclaimed().catch(failed);
        return;
      case "leave":
        this.#leave(effect.attempt).catch(failed);
        return;
      case "close":
        this.#link?.close(effect.why);
        return;
      case "try-again": {
        const { attempt, meanMs } = effect;
        clock.after(meanMs * (0.5 + random()), () => this.#feed({ type: "try-again", attempt }));
        return;
      }
      case "lost":
        return this.#options.lost();
      case "say": {
        const [level, line] = lines[effect.line];
        const { why } = effect;
        return log[level]({ peerKind: this.#options.to, ...(why === undefined ? {} : { why }) }, line);
      }
    }
  }

  async #connect(attempt: number): Promise<void> {
    let channel: ByteChannel;
    try {
      channel = await this.#options.connect();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#feed({ type: "failed", attempt, why });
      return;
    }
    const link = this.#linkOver(channel, attempt);
    this.#link = link;
    if (!this.#feed({ type: "connected", attempt })) link.close("stopping");
  }

  #linkOver(channel: ByteChannel, attempt: number): Link<Sends, Receives> {
    const { log, clock, metrics, failed } = this.#host;
    const { to, handlers } = this.#options;
    return new Link<Sends, Receives>({
      channel,
      sends: this.#sends,
      receives: this.#receives,
      handlers: requestHandlers(this.#host, to, handlers),
      clock,
      limits: interServerLimits,
      heartbeat: interServerHeartbeat,
      events: {
        closed: (reason) => void this.#closed(attempt, describeClose(reason)).catch(failed),
        suspect: () => log.warn({ peerKind: to }, "link is silent"),
        alive: () => log.info({ peerKind: to }, "link is no longer silent"),
        failed,
        dropped: (request) => metrics.count("linkRequests", { with: to, request, answer: "dropped" }),
      },
    });
  }

  /**
   * The next attempt must wait in two cases. 1: callers still use the link. 2: its cookie is still being
   * written.
   */
  async #closed(attempt: number, why: string): Promise<void> {
    await this.#stored;
    await this.#prepared;
    this.#feed({ type: "closed", attempt, why });
  }

  async #introduce(attempt: number, cookie: Uint8Array | null): Promise<void> {
    const { credentials, nameVariable } = this.#options;
    const { clock, randomBytes } = this.#host;
    const askedMs = clock.nowMs();
    const asked = await introduce(this.#asker, { ...credentials, cookie }, randomBytes, handshakeMs);
    if (asked.ok) {
      this.#feed({ type: "admitted", attempt, askedMs, ...asked.value });
      return;
    }
    const why = describeRefusal(asked.refusal, { ...credentials, nameVariable });
    this.#feed({ type: "refused", attempt, refusal: asked.refusal, why });
  }

  async #store(before: Promise<void>, attempt: number, cookie: Uint8Array | null): Promise<void> {
    await before;
    await this.#options.cookies?.store(cookie);
    this.#feed({ type: "stored", attempt });
  }

  async #setUp(attempt: number, isBack: boolean): Promise<void> {
    const link = this.#link;
    if (!link?.isOpen) return;
    if ((await this.#options.admitted(link, isBack)) && link.isOpen) this.#feed({ type: "ready", attempt });
  }

  #keepAlive(attempt: number, everyMs: number): void {
    const { clock } = this.#host;
    const ask = async (): Promise<void> => {
      const askedMs = clock.nowMs();
      const answer = await this.#asker.ask({ type: "link.alive" }, aliveMs);
      if (answer.ok) this.#feed({ type: "alive", attempt, askedMs });
    };
    this.#stopAsking();
    this.#stopAsking = clock.every(everyMs, () => void ask());
    void ask();
  }

  async #tellReclaimed(): Promise<void> {
    const link = this.#link;
    const asker = this.#asker;
    if (link === null) return;
    await insist(link, this.#host.clock, () => asker.ask({ type: "link.reclaimed" }, handshakeMs));
  }

  async #leave(attempt: number): Promise<void> {
    const left = await this.#asker.ask({ type: "link.leave" }, handshakeMs);
    this.#feed({ type: "left", attempt, isDone: left.ok });
  }

  /** The cast is safe because the message tables of all connecting servers contain the handshake. */
  get #asker(): Asker {
    return this.#link as unknown as Asker;
  }
}

/** True if the server at the other end counts this server as linked, as far as this server knows. */
const isAdmitted = ({ state }: ServerLinkState): boolean => state === "setting-up" || state === "up";

function describeRefusal(refusal: string, of: LinkCredentials & { readonly nameVariable: string }): string {
  switch (refusal) {
    case "wrong-username-or-password":
      return `the username ${of.username} or its password is wrong; check that both servers have the same`;
    case "server-lock-exists":
      return `a server named ${of.server} is linked, or may still come back; if that is another server, give this one another name with ${of.nameVariable}`;
    case "cookie-unknown":
      return "the server at the other end has given this server up";
    case "version-unsupported":
      return "the server at the other end speaks another version of the protocol";
    case "unanswered":
      return "no answer to the first request, or the server at the other end closed the connection; its log says why";
    case "not-genuine":
      return "the server at the other end does not know the password";
    default:
      return `refused: ${refusal}`;
  }
}
