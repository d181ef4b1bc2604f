import { AnsweringHandshake } from "@sallyport/cluster-protocol";
import { accepted, refused } from "@sallyport/domain";
import {
  type ByteChannel,
  type Clock,
  describeClose,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
} from "@sallyport/link";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import type { Log } from "./log.ts";
import { measured, type Metrics, noMetrics } from "./metrics.ts";
import type { Life, ServerRegistry } from "./server-registry.ts";
import { isUnavailable } from "./unavailable.ts";

/*
 * The answering end of inter-server links: lets servers in by username and password, holds their server lock while
 * the link lives, and tells when one comes and goes.
 */

export interface AnsweringLinksOptions<Sends extends MessageTable, Receives extends MessageTable> {
  /** What connects here, for the log. */
  readonly of: "char-server" | "map-server";
  readonly sends: Sends;
  readonly receives: Receives;
  readonly passwordOf: (username: string, server: string) => string | null;
  readonly registry: ServerRegistry;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly handlersOf: (
    life: () => Life,
  ) => Omit<Handlers<Receives>, "link.hello" | "link.prove" | "link.leave">;
  readonly linked: (life: Life, link: Link<Sends, Receives>) => void;
  readonly unlinked: (life: Life) => void;
  readonly failed: (error: unknown) => void;
}

/** From connecting until admitted, however long the store takes. */
const handshakeMs = 5_000;

export class AnsweringLinks<Sends extends MessageTable, Receives extends MessageTable> {
  readonly #options: AnsweringLinksOptions<Sends, Receives>;
  readonly #sends: MessageCodec<Sends>;
  readonly #receives: MessageCodec<Receives>;
  readonly #links = new Set<Link<Sends, Receives>>();
  /** What closed links still have to tell the store. */
  readonly #farewells = new Set<Promise<void>>();
  #admitted = 0;
  #isReleasing = false;

  constructor(options: AnsweringLinksOptions<Sends, Receives>) {
    this.#options = options;
    this.#sends = new MessageCodec(options.sends);
    this.#receives = new MessageCodec(options.receives);
    const { of, metrics = noMetrics } = options;
    metrics.watch("links", { with: of }, () => this.#admitted);
  }

  accept(channel: ByteChannel): void {
    const { registry, clock, log, of, failed, metrics = noMetrics } = this.#options;
    let hasLeft = false;
    const handshake = new AnsweringHandshake({
      passwordOf: this.#options.passwordOf,
      randomBytes: this.#options.randomBytes,
      admit: async ({ server }) => {
        const admitted = await registry.connect(server);
        if (!admitted.ok) return admitted;
        const life = { server, incarnation: admitted.value.incarnation };
        // The link may have gone while the store was asked; its `closed` saw nobody admitted.
        if (!link.isOpen) {
          this.#sayFarewell(registry.disconnect(life));
          return refused("unavailable");
        }
        log.info({ [of]: server }, `${of} linked`);
        this.#admitted += 1;
        this.#options.linked(life, link);
        return admitted;
      },
      leave: async () => {
        try {
          await registry.leave(handshake.server);
        } catch (error) {
          if (!isUnavailable(error)) throw error;
          return refused("unavailable");
        }
        hasLeft = true;
        return accepted({});
      },
    });
    const link = new Link<Sends, Receives>({
      channel,
      sends: this.#sends,
      receives: this.#receives,
      clock,
      limits: interServerLimits,
      heartbeat: interServerHeartbeat,
      handlers: measured(
        handshake.handlersWith<Receives>(this.#options.handlersOf(() => handshake.server)),
        of,
        clock,
        metrics,
      ),
      events: {
        suspect: () => handshake.isAdmitted && log.warn({ [of]: handshake.server.server }, `${of} is silent`),
        failed,
        closed: (reason) => {
          stopRenewing();
          stopWaiting();
          this.#links.delete(link);
          const why = describeClose(reason);
          if (!handshake.isAdmitted) {
            const { refusal, claimed } = handshake;
            const about = { remote: channel.remote, [of]: claimed?.server, why: refusal ?? why };
            return log[isMisconfigured(refusal) ? "warn" : "info"](about, `no ${of} was admitted`);
          }
          const life = handshake.server;
          log[hasLeft ? "info" : "warn"](
            { [of]: life.server, why },
            hasLeft ? `${of} left` : `${of} link lost`,
          );
          this.#admitted -= 1;
          this.#options.unlinked(life);
          if (!hasLeft)
            this.#sayFarewell(this.#isReleasing ? registry.leave(life) : registry.disconnect(life));
        },
      },
    });
    this.#links.add(link);
    // Whoever was refused, or says nothing but pings, would otherwise stay for as long as it likes.
    const stopWaiting = clock.after(handshakeMs, () => {
      if (!handshake.isAdmitted) link.close("did not prove itself in time");
    });
    const stopRenewing = clock.every(Math.max(50, this.#options.leaseMs / 3), () => {
      if (handshake.isAdmitted && !hasLeft) this.#sayFarewell(renew());
    });
    const renew = async (): Promise<void> => {
      if (!(await registry.renew(handshake.server)) && !hasLeft) link.close("its server lock is gone");
    };
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
