import { lockIdOf, lockKindOf } from "@sallyport/lock-core";
import { type Disturbances, nameOf } from "../disturbances.ts";
import { statementMs } from "../latencies.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

interface Login {
  readonly server: string;
  readonly name: string;
  /**
   * When the login was answered, or when the server learnt that its client was gone. Null while the client
   * waits.
   */
  overMs: number | null;
}

/**
 * The login-server checks that the client still waits, and then changes the lock within this time. This
 * includes a second attempt, in case another server changes the lock first.
 */
const underWayMs = 4 * statementMs;

/**
 * A login-server raises fences, evicts, grants and records logins only for accounts to which one of its
 * clients is waiting to log in, or which an operator changes.
 */
export class AwaitedLogins implements Checker {
  readonly name = "awaited-logins";
  readonly #disturbances: Disturbances;
  /** The logins of clients, keyed by channel. */
  readonly #logins = new Map<number, Login>();
  readonly #names = new Map<number, Set<string>>();
  /** Clients that change a password can wish that logins end. The server goes on with that for minutes. */
  readonly #changes: Login[] = [];
  /** The requests for accounts that operators change. */
  readonly #operated = new Map<string, { server: string; accountId: number; overMs: number | null }>();

  constructor(disturbances: Disturbances) {
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    said: ({ kind, channel, correlationId, to, message }) => {
      const { type, name = "", accountId = 0 } = message;
      // The login-server goes on even if it loses its link to the operator's char-server.
      if (type === "account.operate")
        this.#operated.set(`${channel} ${correlationId}`, { server: to, accountId, overMs: null });
      if (kind === "request" && type === "login.password.change")
        this.#changes.push({ server: to, name, overMs: null });
      if (kind === "request" && (type === "login.password" || type === "login.prove"))
        this.#logins.set(channel, { server: to, name, overMs: null });
      return null;
    },
    answered: ({ channel, correlationId }, nowMs) => {
      const operated = this.#operated.get(`${channel} ${correlationId}`);
      if (operated !== undefined) operated.overMs = nowMs;
      return this.#end(channel, nowMs);
    },
    "channel-heard": ({ channel, life }, nowMs) =>
      this.#logins.get(channel)?.server === life ? this.#end(channel, nowMs) : null,
    "account-found": ({ name, accountId }) => {
      this.#names.set(accountId, (this.#names.get(accountId) ?? new Set()).add(name));
      return null;
    },
    "account-asked": ({ life, accountId, what }, nowMs) => this.#judge(life, accountId, what, nowMs),
    "lock-changed": (changed, nowMs) => this.#change(changed, nowMs),
  };

  #end(channel: number, nowMs: number): null {
    const login = this.#logins.get(channel);
    if (login !== undefined) login.overMs ??= nowMs;
    return null;
  }

  #change({ key, life, before, after }: FactOf<"lock-changed">, nowMs: number): string | null {
    const [kind, accountId] = [lockKindOf(key), lockIdOf(key)];
    if (kind !== "account" || after === null) return null;
    const isGranted = after.state === "granted" && before?.loginId1 !== after.loginId1;
    // `Bans` judges an eviction that has words for its client.
    const isEvicted = after.state === "evicting" && before?.state === "held" && after.told === undefined;
    if (!isGranted && !isEvicted) return null;
    const lastMs = this.#disturbances.lastMs([nameOf(life), "login"], nowMs) ?? Number.NEGATIVE_INFINITY;
    // While stores are slow, the checker cannot tell which statements the server sent earlier.
    if (nowMs <= lastMs + underWayMs) return null;
    return this.#judge(life, Number(accountId), after.state, nowMs - underWayMs);
  }

  #judge(life: string, accountId: number, what: string, sinceMs: number): string | null {
    return this.#isAwaited(life, accountId, sinceMs)
      ? null
      : `${life}: account ${accountId} ${what}, but no client waits there to log in to it`;
  }

  /** True if a client waits, or waited at any time since `sinceMs`. */
  #isAwaited(life: string, accountId: number, sinceMs: number): boolean {
    const names = this.#names.get(accountId);
    const waits = ({ server, overMs }: Pick<Login, "server" | "overMs">): boolean =>
      server === life && (overMs === null || overMs >= sinceMs);
    return (
      [...this.#logins.values(), ...this.#changes].some(
        (login) => waits(login) && names?.has(login.name) === true,
      ) || [...this.#operated.values()].some((each) => waits(each) && each.accountId === accountId)
    );
  }
}
