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
import { type ByteChannel, type Clock, delay } from "@sallyport/link";
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
  /** An account lock could not be given back; should this life of the server go on, it has to be tried again. */
  readonly unreleased: (accountId: AccountId) => void;
  readonly failed: (error: unknown) => void;
}

const askMs = 3_000;
const releaseAttemptsMax = 6;
/** After the first attempt; twice as long after each one that follows. */
const releasePauseMs = 100;

/** The account locks, as a char-server asks for them. */
export class LoginLink {
  readonly #deps: LoginLinkDeps;
  readonly #server: ServerLink<typeof charToLogin, typeof loginToChar>;
  readonly #releases = new Set<Promise<void>>();
  /** The account locks that are held here, or may be; the trace is for log lines. */
  readonly #held = new Map<AccountId, { readonly loginId1: LoginId; readonly trace?: string }>();

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
        if (announced.ok) {
          // What an earlier life held ended with it.
          this.#held.clear();
          deps.admitted(admission.incarnation);
        } else if (announced.refusal === "world-taken") {
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
      this.#held.set(accountId, { loginId1, trace: asked.value.trace });
      return asked;
    }
    switch (asked.refusal) {
      case "unanswered":
      case "unavailable":
        // It may have been done; given back, it is as if it had not.
        if (!this.#held.has(accountId)) this.#held.set(accountId, { loginId1 });
        await this.release(accountId, loginId1);
        return unavailable();
      case "not-logged-in":
      case "held-elsewhere":
        return refused("not-logged-in");
    }
  }

  /** The id that follows whoever logged in with the account; none is known of one that is not held here. */
  traceOf(accountId: AccountId): string | undefined {
    return this.#held.get(accountId)?.trace;
  }

  heldIds(accountId: AccountId): LoginId | undefined {
    return this.#held.get(accountId)?.loginId1;
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
    for (let attempt = 0; attempt < releaseAttemptsMax && link?.isOpen; attempt += 1) {
      const asked = await link.ask({ type: "account.release", accountId, loginId1 }, askMs);
      if (asked.ok) {
        if (this.heldIds(accountId) === loginId1) this.#held.delete(accountId);
        return;
      }
      this.#deps.log.warn({ trace, accountId, why: asked.refusal }, "account lock not released yet");
      await delay(this.#deps.clock, releasePauseMs * 2 ** attempt);
    }
    this.#deps.unreleased(accountId);
  }
}
