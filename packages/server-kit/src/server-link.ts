import { type Admission, type Asker, introduce } from "@sallyport/cluster-protocol";
import {
  type ByteChannel,
  type Clock,
  delay,
  describeClose,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
} from "@sallyport/link";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import type { Log } from "./log.ts";
import { type Metrics, measured, noMetrics } from "./metrics.ts";

/*
 * The connecting end of an inter-server link: connects, proves itself, and when the link is lost tells so and
 * begins anew, with a growing and jittered pause. Every admission is a new life: nothing held before it counts.
 */

export interface ServerLinkOptions<Sends extends MessageTable, Receives extends MessageTable> {
  /** What is at the other end, for the log. */
  readonly to: string;
  readonly connect: () => Promise<ByteChannel>;
  readonly sends: Sends;
  readonly receives: Receives;
  readonly handlers: Handlers<Receives>;
  readonly credentials: { readonly server: string; readonly username: string; readonly password: string };
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** Returning false drops the link. */
  readonly admitted: (link: Link<Sends, Receives>, admission: Admission) => Promise<boolean>;
  /** The link of the last `admitted` is gone. */
  readonly lost: () => void;
  readonly failed: (error: unknown) => void;
}

const handshakeMs = 5_000;
const pauseMinMs = 200;
const pauseMaxMs = 5_000;

export class ServerLink<Sends extends MessageTable, Receives extends MessageTable> {
  readonly #options: ServerLinkOptions<Sends, Receives>;
  readonly #sends: MessageCodec<Sends>;
  readonly #receives: MessageCodec<Receives>;
  #link: Link<Sends, Receives> | null = null;
  #isStopped = false;
  /** Settled once it is known whether this server is admitted. */
  #introduction: Promise<unknown> | null = null;

  constructor(options: ServerLinkOptions<Sends, Receives>) {
    this.#options = options;
    this.#sends = new MessageCodec(options.sends);
    this.#receives = new MessageCodec(options.receives);
    const { to, metrics = noMetrics } = options;
    metrics.watch("links", { with: to }, () => (this.#link === null ? 0 : 1));
  }

  /** The link, while it is up and this server is admitted. */
  get current(): Link<Sends, Receives> | null {
    return this.#link;
  }

  /** Resolves at the first admission; goes on reconnecting until `stop`. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#run(resolve).catch(this.#options.failed);
    });
  }

  /** Gives the server lock back, then closes. Call it when nothing is held any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#introduction;
    if (this.#link !== null) await this.#leave(this.#link, "stopping");
  }

  async #leave(link: Link<Sends, Receives>, why: string): Promise<void> {
    await (link as unknown as Asker).ask({ type: "link.leave" }, handshakeMs);
    link.close(why);
  }

  async #run(admittedOnce: () => void): Promise<void> {
    const { log, to, clock, random } = this.#options;
    let failures = 0;
    let lastComplaint = "";
    while (!this.#isStopped) {
      const complaint = await this.#live(admittedOnce);
      if (this.#isStopped) return;
      failures = complaint === null ? 0 : failures + 1;
      if (complaint !== null && complaint !== lastComplaint)
        log.warn({ to, why: complaint }, "cannot link; trying on");
      lastComplaint = complaint ?? "";
      const pauseMs = Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.min(failures, 10)) * (0.5 + random());
      await delay(clock, pauseMs);
    }
  }

  /** One life of the link; resolves when it is over, with the reason if it never came to be. */
  async #live(admittedOnce: () => void): Promise<string | null> {
    const { log, to, clock, handlers, credentials, metrics = noMetrics } = this.#options;
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
      handlers: measured(handlers, to, clock, metrics),
      clock,
      limits: interServerLimits,
      heartbeat: interServerHeartbeat,
      events: {
        closed: (reason) => ended(describeClose(reason)),
        suspect: () => log.warn({ to }, "link is silent"),
        alive: () => log.info({ to }, "link is heard from again"),
        failed: this.#options.failed,
      },
    });
    const introduction = this.#introduce(link);
    this.#introduction = introduction;
    const introduced = await introduction;
    this.#introduction = null;
    if (!introduced.ok) {
      link.close("not admitted");
      return describeRefusal(introduced.refusal, credentials.username);
    }
    if (this.#link !== link) return null;
    const isWelcome = await this.#options.admitted(link, introduced.value);
    if (isWelcome && link.isOpen) {
      log.info({ to }, "linked");
      admittedOnce();
    } else {
      // Nothing is held here yet, and the next attempt need not wait for the server lock of this one.
      await this.#leave(link, "not set up");
    }
    const why = await whenEnded;
    this.#link = null;
    if (!this.#isStopped) log.warn({ to, why }, "link lost");
    this.#options.lost();
    return isWelcome ? null : "the other end refused what this server announced";
  }

  async #introduce(link: Link<Sends, Receives>) {
    const { credentials, randomBytes } = this.#options;
    // Both tables that connecting servers send begin with the handshake.
    const introduced = await introduce(link as unknown as Asker, credentials, randomBytes, handshakeMs);
    if (!introduced.ok) return introduced;
    // Stopped meanwhile, the server lock would keep the next life out until its timer.
    if (this.#isStopped) await this.#leave(link, "stopping");
    else this.#link = link;
    return introduced;
  }
}

function describeRefusal(refusal: string, username: string): string {
  switch (refusal) {
    case "wrong-username-or-password":
      return `username ${username} or its password is wrong; check that both servers are set alike`;
    case "server-lock-exists":
      return "a server of this name is connected, or was and may still come back; waiting for its timer";
    case "version-unsupported":
      return "the other end speaks another version of the protocol";
    case "unanswered":
      return "no answer to the first question, or hung up on; the other end's log says why";
    case "not-genuine":
      return "the other end does not know the password";
    default:
      return `refused: ${refusal}`;
  }
}
