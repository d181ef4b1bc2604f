import { AnsweringHandshake, type handshake, type LinkStatus } from "@sallyport/cluster-protocol";
import { accepted, refused } from "@sallyport/domain";
import {
  type ByteChannel,
  type Clock,
  describeClose,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
  Newcomers,
} from "@sallyport/link";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import { defaultLinkBounds, type LinkBounds, strangerBytesMax } from "./link-bounds.ts";
import type { Log } from "./log.ts";
import { type Metrics, measured, noMetrics } from "./metrics.ts";
import type { Life, ServerRegistry } from "./server-registry.ts";
import { isUnavailable } from "./unavailable.ts";

/*
 * The answering end of inter-server links: lets servers in by username and password, and back by their cookie, holds
 * their server lock while the link lives, and tells when one comes and goes.
 */

export interface AnsweringLinksOptions<Sends extends MessageTable, Receives extends MessageTable>
  extends Partial<LinkBounds> {
  /** What connects here, for the log. */
  readonly of: "char-server" | "map-server";
  readonly sends: Sends;
  readonly receives: Receives;
  /** How many of them there should be at the moment. */
  readonly expected: () => number;
  readonly passwordOf: (username: string, server: string) => string | null;
  readonly registry: ServerRegistry;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly handlersOf: (life: () => Life) => Omit<Handlers<Receives>, keyof typeof handshake>;
  readonly linked: (life: Life, link: Link<Sends, Receives>) => void;
  /** `hasLeft`: for good, and not because the link was lost. */
  readonly unlinked: (life: Life, hasLeft: boolean) => void;
  readonly failed: (error: unknown) => void;
}

export class AnsweringLinks<Sends extends MessageTable, Receives extends MessageTable> {
  readonly #options: AnsweringLinksOptions<Sends, Receives>;
  readonly #sends: MessageCodec<Sends>;
  readonly #receives: MessageCodec<Receives>;
  readonly #links = new Set<Link<Sends, Receives>>();
  /** What closed links still have to tell the store. */
  readonly #farewells = new Set<Promise<void>>();
  readonly #newcomers: Newcomers;
  /** The links that are up, and to which life of a server. */
  readonly #admitted = new Map<Link<Sends, Receives>, Life>();
  /** Servers that another one of their name keeps out, as the log was told. They try on. */
  readonly #keptOut = new Set<string>();
  #admitsNobody = false;
  #isReleasing = false;

  constructor(options: AnsweringLinksOptions<Sends, Receives>) {
    this.#options = options;
    this.#sends = new MessageCodec(options.sends);
    this.#receives = new MessageCodec(options.receives);
    const { of, metrics = noMetrics } = options;
    metrics.watch("links", { with: of }, () => this.#admitted.size);
    metrics.watch("linksExpected", { with: of }, options.expected);
    const { linkHandshakeMs, linkNewcomersMax, linkNewcomersPerAddressMax } = {
      ...defaultLinkBounds,
      ...options,
    };
    const bounds = {
      withinMs: linkHandshakeMs,
      countMax: linkNewcomersMax,
      perAddressMax: linkNewcomersPerAddressMax,
    };
    this.#newcomers = new Newcomers(bounds, options.clock);
  }

  get statuses(): readonly LinkStatus[] {
    const kind = this.#options.of === "char-server" ? "char" : "map";
    return [...this.#admitted].map(([{ isSuspect }, { server: name }]) => ({
      kind,
      name,
      state: isSuspect ? "suspect" : "up",
    }));
  }

  /** Of servers that are linked. */
  get lives(): readonly Life[] {
    return [...this.#admitted.values()];
  }

  /** From now on; those that are linked stay. */
  admitNobody(): void {
    this.#admitsNobody = true;
  }

  accept(channel: ByteChannel): void {
    const { registry, clock, log, of, failed, metrics = noMetrics } = this.#options;
    let hasLeft = false;
    let admitted: Life | null = null;
    const life = (): Life => {
      if (admitted === null) throw new Error("asked who it is before it was admitted");
      return admitted;
    };
    const orUnavailable = async (tell: Promise<void>) => {
      try {
        await tell;
        return accepted({});
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        return refused("unavailable");
      }
    };
    const shaking = new AnsweringHandshake({
      passwordOf: this.#options.passwordOf,
      randomBytes: this.#options.randomBytes,
      admit: async ({ server }, cookie) => {
        const outcome = await registry.admit(server, cookie);
        if (!outcome.ok) return outcome;
        const { life: lives } = outcome.value;
        // The link may have gone while the store was asked; its `closed` saw nobody admitted.
        if (!link.isOpen || this.#admitsNobody) {
          this.#sayFarewell(registry.disconnect(lives));
          return refused("unavailable");
        }
        isNoNewcomer();
        link.trust();
        admitted = lives;
        this.#keptOut.delete(server);
        log.info({ peerKind: of, peer: server }, cookie === null ? `${of} linked` : `${of} is back`);
        this.#admitted.set(link, lives);
        this.#options.linked(lives, link);
        return outcome;
      },
      reclaimed: () => orUnavailable(registry.reclaimed(life())),
      leave: async () => {
        const left = await orUnavailable(registry.leave(life()));
        hasLeft = left.ok;
        return left;
      },
    });
    const link = new Link<Sends, Receives>({
      channel,
      sends: this.#sends,
      receives: this.#receives,
      clock,
      limits: { ...interServerLimits, strangerBytesMax },
      heartbeat: interServerHeartbeat,
      handlers: measured(shaking.handlersWith<Receives>(this.#options.handlersOf(life)), of, clock, metrics),
      events: {
        suspect: () =>
          admitted !== null && log.warn({ peerKind: of, peer: admitted.server }, `${of} is silent`),
        failed,
        dropped: (request) => metrics.count("linkRequests", { with: of, request, answer: "dropped" }),
        closed: (reason) => {
          stopRenewing();
          isNoNewcomer();
          this.#links.delete(link);
          const why = describeClose(reason);
          if (admitted === null) {
            const { refusal, claimed } = shaking;
            if (this.#isToldOf(claimed?.server, refusal)) return;
            const { remote } = channel;
            const about = { remote, peerKind: of, peer: claimed?.server, why: refusal ?? why };
            return log[isMisconfigured(refusal) ? "warn" : "info"](about, `no ${of} was admitted`);
          }
          log[hasLeft ? "info" : "warn"](
            { peerKind: of, peer: admitted.server, why },
            hasLeft ? `${of} left` : `${of} link lost`,
          );
          this.#admitted.delete(link);
          this.#options.unlinked(admitted, hasLeft);
          if (!hasLeft)
            this.#sayFarewell(this.#isReleasing ? registry.leave(admitted) : registry.disconnect(admitted));
        },
      },
    });
    this.#links.add(link);
    // Whoever was refused, or says nothing but pings, would otherwise stay for as long as it likes.
    const isNoNewcomer = this.#newcomers.begin(channel.remote, (why) =>
      link.close(`did not prove itself: ${why}`),
    );
    const stopRenewing = clock.every(Math.max(50, this.#options.leaseMs / 3), () => {
      if (admitted !== null && !hasLeft) this.#sayFarewell(renew());
    });
    const renew = async (): Promise<void> => {
      if (!(await registry.renew(life())) && !hasLeft) link.close("its server lock is gone");
    };
  }

  /** Whoever is refused for another of its name has shown the password, and comes again every few seconds. */
  #isToldOf(server: string | undefined, refusal: string | null): boolean {
    if (server === undefined || refusal !== "server-lock-exists") return false;
    const isTold = this.#keptOut.has(server);
    this.#keptOut.add(server);
    return isTold;
  }

  /**
   * Ends every link; resolves when the store knows. `release`: those servers hold nothing any more that they could
   * come back for, so that their server locks, and what is left under them, end at once.
   */
  async stop(how: "release" | "keep"): Promise<void> {
    this.#isReleasing = how === "release";
    for (const link of [...this.#links]) link.close("stopping");
    await Promise.all(this.#farewells);
  }

  /** When the store cannot be told, the server lock's own deadline does the rest. */
  #sayFarewell(telling: Promise<void>): void {
    const told = telling
      .catch((error) => {
        if (!isUnavailable(error)) this.#options.failed(error);
      })
      .finally(() => this.#farewells.delete(told));
    this.#farewells.add(told);
  }
}

/** What does not mend itself by waiting. */
const isMisconfigured = (refusal: string | null): boolean =>
  refusal === "wrong-username-or-password" || refusal === "version-unsupported";
