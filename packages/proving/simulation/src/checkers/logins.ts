import { lockIdOf, lockKindOf } from "@sallyport/lock-core";
import type { Fact } from "../facts.ts";
import type { Visit, Visits } from "./visits.ts";

export interface Login {
  readonly accountId: number;
  readonly grantedMs: number;
  /** The answer to the login reached the client over this channel. 0 if the client has no answer yet. */
  channel: number;
  /**
   * The key is a channel, and the value counts its choices. The second choice on a channel ends the login.
   */
  readonly choices: Map<number, number>;
  /**
   * When the client was sent to its next door. The servers give the client a limited time to arrive there.
   * Null while the client is at a door.
   */
  onItsWayMs: number | null;
  /** Whether the client left a door that had admitted it or may have done so later, or came back to a door. */
  hasGone: boolean;
}

interface Attempt {
  readonly name: string;
  /** When the login was answered, or when its client was gone. Null while the client waits. */
  endMs: number | null;
}

/** Maximum milliseconds for which an abandoned login may still have effects. */
const lateMs = 50;
/** Maximum milliseconds for which an act of an operator may still have effects after its end. */
const actLateMs = 2_000;

/**
 * Records the clients that ask to log in, and the progress of each login. It checks no rule; several checkers
 * use it.
 */
export class Logins {
  readonly #visits: Visits;
  readonly #logins = new Map<string, Login>();
  readonly #attempts = new Map<number, Attempt>();
  readonly #names = new Map<number, Set<string>>();
  readonly #acts = new Map<string, { readonly accountId: number; endMs: number | null }>();

  constructor(visits: Visits) {
    this.#visits = visits;
  }

  of(accountId: number, loginId1: number | undefined): Login | undefined {
    return this.#logins.get(`${accountId} ${loginId1}`);
  }

  /** True if an operator did something about the account since this login was granted. */
  isOperated({ accountId, grantedMs }: Login): boolean {
    return [...this.#acts.values()].some(
      (act) => act.accountId === accountId && (act.endMs === null || act.endMs + actLateMs > grantedMs),
    );
  }

  /** An act of an operator counts as a login without a client. */
  hasNewer(login: Login): boolean {
    const { accountId, grantedMs, channel } = login;
    const names = this.#names.get(accountId);
    return (
      this.isOperated(login) ||
      [...this.#attempts].some(
        ([each, { name, endMs }]) =>
          each !== channel && names?.has(name) === true && (endMs === null || endMs + lateMs > grantedMs),
      )
    );
  }

  readonly saw = (fact: Fact, nowMs: number): void => {
    if (fact.type === "said") this.#said(fact);
    else if (fact.type === "answered") this.#answered(fact, nowMs);
    else if (fact.type === "channel-over") this.#over(fact, nowMs);
    else if (fact.type === "lock-changed") this.#changed(fact, nowMs);
    else if (fact.type === "operator-began") this.#acts.set(fact.id, { ...fact, endMs: null });
    else if (fact.type === "operator-ended") {
      const act = this.#acts.get(fact.id);
      if (act !== undefined) act.endMs = nowMs;
    } else if (fact.type === "account-found") {
      const { accountId, name } = fact;
      this.#names.set(accountId, (this.#names.get(accountId) ?? new Set()).add(name));
    }
  };

  #said({ channel, kind, message }: Extract<Fact, { type: "said" }>): void {
    const { type, name = "" } = message;
    if (kind !== "request") return;
    if (type === "login.password" || type === "login.prove")
      this.#attempts.set(channel, { name, endMs: null });
    if (type !== "char.choose") return;
    const choices = this.#ofVisit(this.#visits.of(channel))?.choices;
    choices?.set(channel, (choices.get(channel) ?? 0) + 1);
  }

  #answered(
    { channel, refusal, request, loginId1 }: Extract<Fact, { type: "answered" }>,
    nowMs: number,
  ): void {
    this.#end(channel, nowMs);
    if (loginId1 !== null) {
      for (const [ids, login] of this.#logins) if (ids.endsWith(` ${loginId1}`)) login.channel = channel;
    }
    const login = this.#ofVisit(this.#visits.of(channel));
    if (login === undefined) return;
    // After this refusal, the server asks the owner of the character to leave. That owner may be this login
    // itself.
    if (request.type === "char.enter" && refusal === "already-online") login.hasGone = true;
    if (refusal !== null) return;
    if (/^(char|map).enter$/.test(request.type)) login.onItsWayMs = null;
    if (!/^(char.choose|map.leave)$/.test(request.type)) return;
    login.onItsWayMs = nowMs;
    login.hasGone ||= request.to === "offline";
  }

  #over({ channel, by }: Extract<Fact, { type: "channel-over" }>, nowMs: number): void {
    this.#end(channel, nowMs);
    const visit = this.#visits.of(channel);
    const login = this.#ofVisit(visit);
    if (visit === undefined || login === undefined || by === visit.server) return;
    login.hasGone ||= visit.isCutOff || visit.isAbandoned;
  }

  #changed({ key, after }: Extract<Fact, { type: "lock-changed" }>, nowMs: number): void {
    const [kind, accountId] = [lockKindOf(key), lockIdOf(key)];
    if (kind !== "account" || after?.state !== "granted") return;
    const login = { accountId: Number(accountId), grantedMs: nowMs, onItsWayMs: nowMs, channel: 0 };
    this.#logins.set(`${accountId} ${after.loginId1}`, { ...login, choices: new Map(), hasGone: false });
  }

  #end(channel: number, nowMs: number): void {
    const attempt = this.#attempts.get(channel);
    if (attempt !== undefined) attempt.endMs ??= nowMs;
  }

  #ofVisit(visit: Visit | undefined): Login | undefined {
    return visit && this.of(visit.accountId, visit.loginId1);
  }
}
