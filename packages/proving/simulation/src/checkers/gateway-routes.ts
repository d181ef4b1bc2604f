import { lockIdOf, lockKindOf } from "@sallyport/lock-core";
import type { StoredLock } from "../facts.ts";
import { gatewayWorld, isLogin, isMap, worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

interface Listed {
  readonly isDraining: boolean;
  readonly sinceMs: number;
}

interface Visit {
  readonly life: string;
  readonly openedMs: number;
  readonly tried: Set<string>;
}

/**
 * A gateway connects clients only to servers of its world. If a map-server owns the client's character, the
 * gateway connects the client to that map-server. The gateway chooses another map-server only if it tried the
 * owner and searched long enough. It avoids draining servers while other servers exist. When the gateway
 * itself drains, it connects no new clients.
 */
export class GatewayRoutes implements Checker {
  readonly name = "gateway-routes";
  /** The newest answer of the directory, keyed by gateway, then by server. */
  readonly #listed = new Map<string, ReadonlyMap<string, Listed>>();
  readonly #visits = new Map<number, Visit>();
  /**
   * The key is the server's stream. The value has the client's stream, and the time when the two were joined.
   */
  readonly #joined = new Map<number, { readonly client: number; readonly joinedMs: number }>();
  readonly #unreachedMs: number;
  readonly #drainingSinceMs = new Map<string, number>();
  /**
   * The key is an account. The value has the map-server in the lock of its character, and the time since
   * when.
   */
  readonly #owners = new Map<string, { readonly server: string | null; readonly sinceMs: number }>();

  /** A gateway searches for an absent map-server for at least `unreachedMs`. */
  constructor(unreachedMs: number) {
    this.#unreachedMs = unreachedMs;
  }

  readonly rules: Rules = {
    "gateway-told": ({ life, servers }, nowMs) => {
      const before = this.#listed.get(life);
      const now = servers.map(({ server, isDraining }): readonly [string, Listed] => {
        const known = before?.get(server);
        return [server, known?.isDraining === isDraining ? known : { isDraining, sinceMs: nowMs }];
      });
      this.#listed.set(life, new Map(now));
      return null;
    },
    "gateway-drains": ({ life }, nowMs) => {
      this.#drainingSinceMs.set(life, nowMs);
      return null;
    },
    "gateway-opened": ({ life, client }, nowMs) => {
      this.#visits.set(client, { life, openedMs: nowMs, tried: new Set() });
      return null;
    },
    "gateway-tries": ({ client, server }) => {
      this.#visits.get(client)?.tried.add(server);
      return null;
    },
    "gateway-joined": (joined, nowMs) => this.#join(joined, nowMs),
    said: (said) => this.#judge(said),
    "lock-changed": ({ tier, key, after }, nowMs) => {
      const [kind, accountId] = [lockKindOf(key), lockIdOf(key)];
      if (tier === gatewayWorld && kind === "character") this.#own(accountId, after, nowMs);
      return null;
    },
    "locks-lost": ({ tier, locks }, nowMs) => {
      if (tier !== gatewayWorld) return null;
      for (const accountId of this.#owners.keys()) this.#own(accountId, null, nowMs, true);
      for (const [key, lock] of locks) this.#own(lockIdOf(key), lock, nowMs, true);
      return null;
    },
  };

  #own(accountId: string, lock: StoredLock | null, nowMs: number, isAnew = false): void {
    const server = mapServerIn(lock);
    const before = this.#owners.get(accountId)?.server;
    if (isAnew || before !== server) this.#owners.set(accountId, { server, sinceMs: nowMs });
  }

  #join({ life, client, channel, server }: FactOf<"gateway-joined">, nowMs: number): string | null {
    this.#joined.set(channel, { client, joinedMs: nowMs });
    if (!isLogin(server) && worldOf(server) !== gatewayWorld)
      return `${life} led a client to ${server}, which belongs to another world`;
    const visit = this.#visits.get(client);
    const drainingSinceMs = this.#drainingSinceMs.get(life);
    return visit !== undefined && drainingSinceMs !== undefined && visit.openedMs > drainingSinceMs
      ? `${life} led a client to ${server}, although the gateway was already draining`
      : null;
  }

  #judge({ life, to, channel, message }: FactOf<"said">): string | null {
    const joined = this.#joined.get(channel);
    const visit = joined && this.#visits.get(joined.client);
    if (message.type !== "map.enter" || joined === undefined || visit?.life !== life) return null;
    const server = to.split("#")[0] ?? "";
    const { openedMs, tried } = visit;
    const owner = this.#owners.get(String(message.accountId));
    const listed = this.#listed.get(life) ?? new Map<string, Listed>();
    const isKnown = (name: string): boolean => (listed.get(name)?.sinceMs ?? openedMs) < openedMs;
    const owning = owner === undefined || owner.sinceMs >= openedMs ? undefined : owner.server;
    if (owning === server) return null;
    if (owning && isKnown(owning) && !tried.has(owning))
      return `${life} led account ${message.accountId} to ${server} without trying ${owning}, which has its character`;
    const lookedForMs = Math.round(joined.joinedMs - openedMs);
    if (owning && lookedForMs < this.#unreachedMs)
      return `${life} led account ${message.accountId} to ${server} after only ${lookedForMs} ms, although ${owning} has its character`;
    if (!isKnown(server) || !listed.get(server)?.isDraining) return null;
    const other = [...listed].find(
      ([name, { isDraining }]) =>
        !isDraining && isKnown(name) && !tried.has(name) && isMap(name) && worldOf(name) === gatewayWorld,
    );
    return owning === undefined || other === undefined
      ? null
      : `${life} led account ${message.accountId} to ${server}, which drains, without trying ${other[0]}`;
  }
}

/**
 * Returns the map-server that a character lock names, or null if no map-server has the character or is about
 * to get it.
 */
function mapServerIn(lock: StoredLock | null): string | null {
  if (lock === null) return null;
  if (lock.state === "handing-over") return lock.target?.server ?? null;
  return lock.owner !== undefined && /^(entering|playing|hopping|evicting)$/.test(lock.state)
    ? lock.owner.server
    : null;
}
