import { AnsweringHandshake, type HandlersBeyond, type LinkStatus } from "@sallyport/cluster-protocol";
import { accepted, refused, Unavailable } from "@sallyport/domain";
import {
  type ByteChannel,
  describeClose,
  interServerHeartbeat,
  interServerLimits,
  Link,
} from "@sallyport/link";
import { addressOf, Newcomers } from "@sallyport/link/addresses";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import type { Host } from "../running/host.ts";
import { type LinkBounds, strangerBytesMax } from "./link-bounds.ts";
import { requestHandlers } from "./request-handlers.ts";
import type { AdmittedServer, ServerRegistry } from "./server-registry.ts";

/**
 * This side accepts links from other servers. It admits a server by username and password. A server that lost
 * its link can come back with its cookie. While a link is up, this side renews the server lock of the
 * connected server. It reports when a link begins and when a link ends.
 */

export interface AnsweringLinksOptions<Sends extends MessageTable, Receives extends MessageTable> {
  readonly of: "char-server" | "map-server";
  readonly sends: Sends;
  readonly receives: Receives;
  /** Number of servers that should be linked here now. */
  readonly expected: () => number;
  readonly passwordOf: (username: string, server: string) => string | null;
  readonly registry: ServerRegistry;
  readonly leaseMs: number;
  readonly bounds: LinkBounds;
  readonly handlersOf: (admittedServer: () => AdmittedServer) => HandlersBeyond<Receives>;
  readonly linked: (admittedServer: AdmittedServer, link: Link<Sends, Receives>) => void;
  /** Called when a server is about to leave for good. That server must get no more locks. */
  readonly leaving?: (admittedServer: AdmittedServer) => void;
  /**
   * Called when a link has ended. If `hasLeft` is true, the server left for good. Otherwise its link was
   * lost, and the server may come back.
   */
  readonly unlinked: (admittedServer: AdmittedServer, hasLeft: boolean) => void;
}

export class AnsweringLinks<Sends extends MessageTable, Receives extends MessageTable> {
  readonly #host: Host;
  readonly #options: AnsweringLinksOptions<Sends, Receives>;
  readonly #sends: MessageCodec<Sends>;
  readonly #receives: MessageCodec<Receives>;
  readonly #links = new Set<Link<Sends, Receives>>();
  /** Writes that record the end of a link, and that are not complete yet. */
  readonly #farewells = new Set<Promise<void>>();
  readonly #newcomers: Newcomers;
  /** The links that are up. The value is the incarnation of the connected server. */
  readonly #admitted = new Map<Link<Sends, Receives>, AdmittedServer>();
  /** Servers that were refused because their name was taken. Only the first refusal is logged. */
  readonly #keptOut = new Set<string>();
  #admitsNobody = false;
  #isReleasing = false;

  constructor(host: Host, options: AnsweringLinksOptions<Sends, Receives>) {
    this.#host = host;
    this.#options = options;
    this.#sends = new MessageCodec(options.sends);
    this.#receives = new MessageCodec(options.receives);
    const { of, bounds } = options;
    host.metrics.watch("links", { with: of }, () => this.#admitted.size);
    host.metrics.watch("linksExpected", { with: of }, options.expected);
    const newcomerBounds = {
      withinMs: bounds.linkHandshakeMs,
      countMax: bounds.linkNewcomersMax,
      perAddressMax: bounds.linkNewcomersPerAddressMax,
    };
    this.#newcomers = new Newcomers(newcomerBounds, host.clock);
  }

  get statuses(): readonly LinkStatus[] {
    const kind = this.#options.of === "char-server" ? "char" : "map";
    return [...this.#admitted].map(([{ isSuspect }, { server: name }]) => ({
      kind,
      name,
      state: isSuspect ? "suspect" : "up",
    }));
  }

  get admittedServers(): readonly AdmittedServer[] {
    return [...this.#admitted.values()];
  }

  /** Admits no new servers. Linked servers stay linked. */
  admitNobody(): void {
    this.#admitsNobody = true;
  }

  accept(channel: ByteChannel): void {
    const { clock, log, failed, metrics } = this.#host;
    const { registry, of } = this.#options;
    let hasLeft = false;
    let admitted: AdmittedServer | null = null;
    const admittedServer = (): AdmittedServer => {
      if (admitted === null) throw new Error("asked who it is before it was admitted");
      return admitted;
    };
    const shaking = new AnsweringHandshake({
      passwordOf: this.#options.passwordOf,
      randomBytes: this.#host.randomBytes,
      admit: async ({ server }, cookie) => {
        const outcome = await registry.admit(server, cookie);
        if (!outcome.ok) return outcome;
        const { admittedServer: arrived } = outcome.value;
        // The link may have closed while the store was asked. The handler of its `closed` event then ran
        // before the admission, and recorded nothing in the store.
        if (!link.isOpen || this.#admitsNobody) {
          this.#sayFarewell(registry.disconnect(arrived));
          return refused("unavailable");
        }
        endProbation();
        link.trust();
        admitted = arrived;
        this.#keptOut.delete(server);
        log.info({ peerKind: of, peer: server }, cookie === null ? `${of} linked` : `${of} is back`);
        this.#admitted.set(link, arrived);
        this.#options.linked(arrived, link);
        return outcome;
      },
      reclaimed: async () => {
        await registry.reclaimed(admittedServer());
        return accepted({});
      },
      leave: async () => {
        this.#options.leaving?.(admittedServer());
        await registry.leave(admittedServer());
        hasLeft = true;
        return accepted({});
      },
    });
    const link = new Link<Sends, Receives>({
      channel,
      sends: this.#sends,
      receives: this.#receives,
      clock,
      limits: { ...interServerLimits, strangerBytesMax },
      heartbeat: interServerHeartbeat,
      handlers: requestHandlers(
        this.#host,
        of,
        shaking.handlersWith<Receives>(this.#gaining(admittedServer)),
      ),
      events: {
        suspect: () =>
          admitted !== null && log.warn({ peerKind: of, peer: admitted.server }, `${of} is silent`),
        failed,
        dropped: (request) => metrics.count("linkRequests", { with: of, request, answer: "dropped" }),
        closed: (reason) => {
          stopRenewing();
          endProbation();
          this.#links.delete(link);
          const why = describeClose(reason);
          if (admitted === null) {
            const { refusal, claimed } = shaking;
            if (this.#isToldOf(claimed?.server, refusal)) return;
            const { remote } = channel;
            const about = { remote, peerKind: of, peer: claimed?.server, why: refusal ?? why };
            return log[isMisconfigured(refusal) ? "warn" : "info"](about, `${of} was refused`);
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
    // A connection can be refused, or can send only pings. Without this limit, such a connection could stay
    // open forever.
    const endProbation = this.#newcomers.begin(addressOf(channel.remote), (why) =>
      link.close(`did not prove itself: ${why}`),
    );
    const stopRenewing = clock.every(Math.max(50, this.#options.leaseMs / 3), () => {
      if (admitted !== null && !hasLeft) this.#sayFarewell(renew());
    });
    const renew = async (): Promise<void> => {
      if (!(await registry.renew(admittedServer())) && !hasLeft) link.close("its server lock is gone");
    };
  }

  /**
   * Wraps the handlers. Each request can give locks to the server that sent it. So the registry has to know
   * which requests are still in progress.
   */
  #gaining(admittedServer: () => AdmittedServer): HandlersBeyond<Receives> {
    const { registry, handlersOf } = this.#options;
    const gaining = Object.entries<(message: never) => unknown>(handlersOf(admittedServer)).map(
      ([name, handle]) => [
        name,
        (message: never): unknown => {
          const answer = handle(message);
          return answer instanceof Promise ? registry.gaining(admittedServer(), answer) : answer;
        },
      ],
    );
    return Object.fromEntries(gaining) as HandlersBeyond<Receives>;
  }

  /** Returns whether this refusal is already logged. A server whose name is taken tries again and again. */
  #isToldOf(server: string | undefined, refusal: string | null): boolean {
    if (server === undefined || refusal !== "server-lock-exists") return false;
    const isTold = this.#keptOut.has(server);
    this.#keptOut.add(server);
    return isTold;
  }

  /**
   * Ends every link, and resolves when the store has recorded this. With `release`, the linked servers will
   * not come back for their locks. So their server locks end at once, and all their locks are freed.
   */
  async stop(how: "release" | "keep"): Promise<void> {
    this.#isReleasing = how === "release";
    for (const link of [...this.#links]) link.close("stopping");
    await Promise.all(this.#farewells);
  }

  /**
   * Waits in the background until the store has recorded the end of a link. If the store does not answer, the
   * server lock ends at its deadline.
   */
  #sayFarewell(telling: Promise<void>): void {
    const told = telling
      .catch((error) => {
        if (!(error instanceof Unavailable)) this.#host.failed(error);
      })
      .finally(() => this.#farewells.delete(told));
    this.#farewells.add(told);
  }
}

/** True if the server will be refused again until an operator changes a setting. */
const isMisconfigured = (refusal: string | null): boolean =>
  refusal === "wrong-username-or-password" || refusal === "version-unsupported";
