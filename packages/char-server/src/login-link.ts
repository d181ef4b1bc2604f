import { charToLogin, loginToChar } from "@sallyport/cluster-protocol";
import {
  type AccountId,
  accepted,
  type Fence,
  type Incarnation,
  type KickReason,
  type LoginId,
  type LoginTicket,
  type Outcome,
  refused,
} from "@sallyport/domain";
import type { ByteChannel, Clock } from "@sallyport/link";
import { type DoorAddress, type Log, type Metrics, ServerLink, unavailable } from "@sallyport/server-kit";

export interface LoginLinkDeps {
  readonly connect: () => Promise<ByteChannel>;
  readonly credentials: { readonly server: string; readonly username: string; readonly password: string };
  readonly world: { readonly name: string } & DoorAddress;
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly kick: (accountId: AccountId, loginId1: LoginId, reason: KickReason) => void;
  readonly admitted: (incarnation: Incarnation) => void;
  readonly lost: () => void;
  readonly failed: (error: unknown) => void;
}

const askMs = 3_000;
const releaseAttemptsMax = 5;

/** The account locks, as a char-server asks for them. */
export class LoginLink {
  readonly #deps: LoginLinkDeps;
  readonly #server: ServerLink<typeof charToLogin, typeof loginToChar>;
  readonly #releases = new Set<Promise<void>>();
  /** Of the account locks that are held here, for log lines. */
  readonly #traces = new Map<AccountId, string>();

  constructor(deps: LoginLinkDeps) {
    this.#deps = deps;
    const { name, host, port, wsUrl = null } = deps.world;
    this.#server = new ServerLink<typeof charToLogin, typeof loginToChar>({
      ...deps,
      to: "login-server",
      sends: charToLogin,
      receives: loginToChar,
      handlers: {
        "account.kick": async ({ accountId, loginId1, reason }) => {
          deps.kick(accountId, loginId1, reason);
          return accepted({});
        },
        "account.lost": ({ accountId, loginId1 }) => deps.kick(accountId, loginId1, "lock-lost"),
      },
      admitted: async (link, admission) => {
        const announced = await link.ask({ type: "world.announce", world: name, host, port, wsUrl }, askMs);
        if (announced.ok) deps.admitted(admission.incarnation);
        else if (announced.refusal === "world-taken") {
          deps.log.error({ world: name }, "another char-server has a world of this name; set WORLD_NAME");
        }
        return announced.ok;
      },
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  /** Once everything that was to be given back is. */
  async stop(): Promise<void> {
    await Promise.all(this.#releases);
    await this.#server.stop();
  }

  get isUp(): boolean {
    return this.#server.current !== null;
  }

  tellPlayers(players: number): void {
    this.#server.current?.notify({ type: "world.status", players });
  }

  async hold(
    ticket: LoginTicket,
  ): Promise<Outcome<{ accountFence: Fence; trace: string }, "not-logged-in" | "unavailable">> {
    const { accountId, loginId1, loginId2, sex } = ticket;
    const link = this.#server.current;
    if (link === null) return unavailable();
    const asked = await link.ask({ type: "account.hold", accountId, loginId1, loginId2, sex }, askMs);
    if (asked.ok) {
      this.#traces.set(accountId, asked.value.trace);
      return asked;
    }
    switch (asked.refusal) {
      case "unanswered":
        // It may have been done; given back, it is as if it had not.
        await this.release(accountId, loginId1);
        return unavailable();
      case "unavailable":
        return unavailable();
      case "not-logged-in":
      case "held-elsewhere":
        return refused("not-logged-in");
    }
  }

  /** The id that follows whoever logged in with the account; none is known of one that is not held here. */
  traceOf(accountId: AccountId): string | undefined {
    return this.#traces.get(accountId);
  }

  /** Harmless when not held. When the link goes down meanwhile, the lock ends with this life of the server. */
  async release(accountId: AccountId, loginId1: LoginId): Promise<void> {
    const release = this.#release(accountId, loginId1);
    this.#releases.add(release);
    await release;
    this.#releases.delete(release);
  }

  async #release(accountId: AccountId, loginId1: LoginId): Promise<void> {
    const link = this.#server.current;
    const trace = this.traceOf(accountId);
    this.#traces.delete(accountId);
    for (let attempt = 0; attempt < releaseAttemptsMax && link?.isOpen; attempt += 1) {
      const asked = await link.ask({ type: "account.release", accountId, loginId1 }, askMs);
      if (asked.ok) return;
      this.#deps.log.warn({ trace, accountId, why: asked.refusal }, "account lock not released yet");
    }
  }
}
