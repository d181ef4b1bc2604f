import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import { worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { Visit, Visits } from "./visits.ts";

/** One login of an account, by its first login id. */
interface Login {
  readonly accountId: number;
  readonly grantedMs: number;
  /** Over which its client got it. */
  channel: number;
  /** By channel; the second one on a channel ends the login. */
  readonly choices: Map<number, number>;
  /** When it got from one door to the next: each of these steps has a timer. */
  steppedMs: number;
  /** Its client went from a door where it was in. */
  hasGone: boolean;
}

interface Attempt {
  readonly name: string;
  /** When it was answered, or its client had gone; null: it waits. */
  endMs: number | null;
}

export interface PutOutOptions {
  readonly visits: Visits;
  readonly disturbances: Disturbances;
  /** The shortest timer of a client between two doors. */
  readonly betweenDoorsMs: number;
}

/** What a login that was given up had begun. */
const lateMs = 50;

/** What the seed gave cause to. */
interface Seen {
  readonly hasNewerLogin: boolean;
  readonly hasChosenTwice: boolean;
  readonly hasGone: boolean;
  readonly isTooSlow: boolean;
  /** It was in another world, and may be there still. */
  readonly isElsewhere: boolean;
  readonly isStopped: boolean;
  readonly isDisturbed: boolean;
}

type Cause = (seen: Seen) => boolean;
const anyThatEndsALogin: Cause = (seen) =>
  seen.hasNewerLogin || seen.hasChosenTwice || seen.hasGone || seen.isTooSlow || seen.isDisturbed;

const causes: { readonly [what: string]: Cause } = {
  // A map-server that comes back is told so, whatever the reason was.
  "logged-in-elsewhere": ({ hasNewerLogin, isDisturbed }) => hasNewerLogin || isDisturbed,
  "second-choice": ({ hasChosenTwice }) => hasChosenTwice,
  "lock-lost": anyThatEndsALogin,
  "server-stopping": ({ isStopped }) => isStopped,
  "cluster-link-lost": ({ isDisturbed }) => isDisturbed,
  "timed-out": ({ isTooSlow, isDisturbed }) => isTooSlow || isDisturbed,
  "save-failed": ({ isDisturbed }) => isDisturbed,
  "char.enter: not-logged-in": (seen) => seen.isElsewhere || anyThatEndsALogin(seen),
  "map.enter: not-expected": anyThatEndsALogin,
  "no reason": ({ isStopped, isDisturbed }) => isStopped || isDisturbed,
};

/** No client is put out, or turned away with good ids, without a cause that the seed gave. */
export class PutOut implements Checker {
  readonly name = "put-out";
  readonly #options: PutOutOptions;
  readonly #logins = new Map<string, Login>();
  readonly #attempts = new Map<number, Attempt>();
  readonly #names = new Map<number, Set<string>>();
  readonly #stopped = new Set<string>();

  constructor(options: PutOutOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    said: (said, nowMs) => this.#hear(said, nowMs),
    answered: (answered, nowMs) => this.#answered(answered, nowMs),
    "channel-over": (over, nowMs) => this.#cutOff(over, nowMs),
    "account-found": ({ name, accountId }) => {
      this.#names.set(accountId, (this.#names.get(accountId) ?? new Set()).add(name));
      return null;
    },
    struck: ({ fault }) => {
      if (fault.kind === "stop") this.#stopped.add(fault.server);
      return null;
    },
    "lock-changed": ({ key, after }, nowMs) => {
      const [kind, accountId] = key.split(":");
      if (kind !== "account" || after?.state !== "granted") return null;
      this.#logins.set(`${accountId} ${after.loginId1}`, {
        accountId: Number(accountId),
        grantedMs: nowMs,
        steppedMs: nowMs,
        channel: 0,
        choices: new Map(),
        hasGone: false,
      });
      return null;
    },
  };

  #hear({ channel, kind, message }: FactOf<"said">, nowMs: number): string | null {
    const { type, name = "", reason = "" } = message;
    const visit = this.#options.visits.of(channel);
    if (type === "login.password" || type === "login.prove")
      this.#attempts.set(channel, { name, endMs: null });
    if (type === "char.choose" && kind === "request") {
      const choices = this.#loginOf(visit)?.choices;
      choices?.set(channel, (choices.get(channel) ?? 0) + 1);
    }
    return type === "client.kicked" && visit !== undefined ? this.#judge(visit, reason, nowMs) : null;
  }

  #answered({ channel, request, refusal, loginId1 }: FactOf<"answered">, nowMs: number): string | null {
    const attempt = this.#attempts.get(channel);
    if (attempt !== undefined) attempt.endMs ??= nowMs;
    if (loginId1 !== null) this.#name(loginId1, channel);
    const visit = this.#options.visits.of(channel);
    if (visit === undefined) return null;
    const what = `${request.type}: ${refusal}`;
    if (refusal !== null) return what in causes ? this.#judge(visit, what, nowMs) : null;
    const login = this.#loginOf(visit);
    if (login === undefined || !/^(char.choose|map.leave)$/.test(request.type)) return null;
    login.steppedMs = nowMs;
    login.hasGone ||= request.to === "offline";
    return null;
  }

  #name(loginId1: number, channel: number): void {
    for (const [ids, login] of this.#logins) if (ids.endsWith(` ${loginId1}`)) login.channel = channel;
  }

  #cutOff({ channel, by }: FactOf<"channel-over">, nowMs: number): string | null {
    const attempt = this.#attempts.get(channel);
    if (attempt !== undefined) attempt.endMs ??= nowMs;
    const visit = this.#options.visits.of(channel);
    if (visit?.isCutOff !== true) return null;
    const login = this.#loginOf(visit);
    if (by === visit.server) return this.#judge(visit, "no reason", nowMs);
    if (login !== undefined) login.hasGone = true;
    return null;
  }

  #loginOf(visit: Visit | undefined): Login | undefined {
    return visit && this.#logins.get(`${visit.accountId} ${visit.loginId1}`);
  }

  #judge(visit: Visit, what: string, nowMs: number): string | null {
    const login = this.#loginOf(visit);
    // With ids that nobody was given.
    if (login === undefined) return null;
    const seen = this.#seenOf(visit, login, nowMs);
    return causes[what]?.(seen) === true
      ? null
      : `${visit.client}: ${what} from ${visit.server}, and nothing gave cause to that: ${JSON.stringify(seen)}`;
  }

  #seenOf(visit: Visit, login: Login, nowMs: number): Seen {
    const { disturbances, visits, betweenDoorsMs } = this.#options;
    const names = this.#names.get(login.accountId);
    const path = [...wholePathOf(visit.server), nameOf(visit.client)];
    return {
      hasNewerLogin: [...this.#attempts].some(
        ([channel, { name, endMs }]) =>
          channel !== login.channel &&
          names?.has(name) === true &&
          (endMs === null || endMs + lateMs > login.grantedMs),
      ),
      hasChosenTwice: [...login.choices.values()].some((count) => count > 1),
      hasGone: login.hasGone,
      isElsewhere: [...visits.all].some(
        ({ loginId1, server }) =>
          loginId1 === visit.loginId1 && worldOf(nameOf(server)) !== worldOf(nameOf(visit.server)),
      ),
      isTooSlow: nowMs - login.steppedMs >= betweenDoorsMs,
      isStopped: path.some((name) => this.#stopped.has(name)),
      isDisturbed: !disturbances.areCalm(path, login.grantedMs),
    };
  }
}
