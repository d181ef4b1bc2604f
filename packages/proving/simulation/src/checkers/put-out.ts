import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import { worldOf, worlds } from "../topology.ts";
import type { Checker, Rules } from "./checker.ts";
import type { Login, Logins } from "./logins.ts";
import type { Visit, Visits } from "./visits.ts";

export interface PutOutOptions {
  readonly visits: Visits;
  readonly logins: Logins;
  readonly disturbances: Disturbances;
  readonly betweenDoorsMs: number;
}

/** The causes of a disconnect that have occurred in this run. */
interface Seen {
  readonly hasNewerLogin: boolean;
  readonly hasChosenTwice: boolean;
  readonly isOperated: boolean;
  readonly hasGone: boolean;
  readonly hasChosen: boolean;
  readonly isTooSlow: boolean;
  /** Whether the client was in another world. The client may still be there. */
  readonly isElsewhere: boolean;
  /** Whether the client came again over another connection. */
  readonly isReplaced: boolean;
  readonly isStopped: boolean;
  readonly isDisturbed: boolean;
  readonly isSelectDisturbed: boolean;
}

type Cause = (seen: Seen) => boolean;
const anyThatEndsALogin: Cause = (seen) =>
  seen.hasNewerLogin || seen.hasChosenTwice || seen.hasGone || seen.isTooSlow || seen.isDisturbed;

const causes: { readonly [what: string]: Cause } = {
  // A map-server that links again gets this reason whatever the cause was.
  "logged-in-elsewhere": ({ hasNewerLogin, isDisturbed }) => hasNewerLogin || isDisturbed,
  "second-choice": ({ hasChosenTwice }) => hasChosenTwice,
  "lock-lost": (seen) => seen.isReplaced || anyThatEndsALogin(seen),
  "server-stopping": ({ isStopped }) => isStopped,
  "cluster-link-lost": ({ isDisturbed }) => isDisturbed,
  "timed-out": ({ isTooSlow, isDisturbed, hasChosen, isSelectDisturbed }) =>
    hasChosen ? isTooSlow || isDisturbed : isSelectDisturbed,
  "save-failed": ({ isDisturbed }) => isDisturbed,
  kicked: ({ isOperated }) => isOperated,
  banned: ({ isOperated }) => isOperated,
  "credential-changed": ({ isOperated }) => isOperated,
  "char.enter: not-logged-in": (seen) => seen.isElsewhere || anyThatEndsALogin(seen),
  "map.enter: not-expected": anyThatEndsALogin,
  "no reason": ({ isStopped, isDisturbed }) => isStopped || isDisturbed,
};

const selectOf = (life: string): readonly string[] => {
  const world = worldOf(nameOf(life));
  return world === null ? [] : [worlds[world].char, world];
};

/** A server disconnects a client, or refuses valid login ids, only if a cause for it occurred in this run. */
export class PutOut implements Checker {
  readonly name = "put-out";
  readonly #options: PutOutOptions;
  readonly #stopped = new Set<string>();

  constructor(options: PutOutOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    said: ({ channel, message: { type, reason = "" } }, nowMs) =>
      type === "client.kicked" ? this.#judge(channel, reason, nowMs) : null,
    answered: ({ channel, request, refusal }, nowMs) => {
      const what = `${request.type}: ${refusal}`;
      return what in causes ? this.#judge(channel, what, nowMs) : null;
    },
    "channel-over": ({ channel, by }, nowMs) => {
      const visit = this.#options.visits.of(channel);
      return visit?.isCutOff === true && visit.server === by
        ? this.#judge(channel, "no reason", nowMs)
        : null;
    },
    struck: ({ fault }) => {
      if (fault.kind === "stop") this.#stopped.add(fault.server);
      return null;
    },
  };

  #judge(channel: number, what: string, nowMs: number): string | null {
    const { visits, logins } = this.#options;
    const visit = visits.of(channel);
    const login = visit && logins.of(visit.accountId, visit.loginId1);
    // If no login created these ids, the server is allowed to refuse them.
    if (visit === undefined || login === undefined) return null;
    const seen = this.#seenOf(visit, login, nowMs);
    return causes[what]?.(seen) === true
      ? null
      : `${visit.client}: ${what} from ${visit.server}, without a cause: ${JSON.stringify(seen)}`;
  }

  #seenOf(visit: Visit, login: Login, nowMs: number): Seen {
    const { disturbances, visits, logins, betweenDoorsMs } = this.#options;
    const path = [...wholePathOf(visit.server), nameOf(visit.client)];
    return {
      hasNewerLogin: logins.hasNewer(login),
      isOperated: logins.isOperated(login),
      hasChosenTwice: [...login.choices.values()].some((count) => count > 1),
      hasChosen: visit.door === "map" || login.choices.has(visit.channel),
      hasGone: login.hasGone,
      isElsewhere: [...visits.all].some(
        ({ loginId1, server }) =>
          loginId1 === visit.loginId1 && worldOf(nameOf(server)) !== worldOf(nameOf(visit.server)),
      ),
      isReplaced: [...visits.all].some(
        ({ channel, loginId1, sinceMs }) =>
          channel !== visit.channel && loginId1 === visit.loginId1 && sinceMs >= visit.sinceMs,
      ),
      isTooSlow: login.onItsWayMs !== null && nowMs - login.onItsWayMs >= betweenDoorsMs,
      isStopped: path.some((name) => this.#stopped.has(name)),
      isDisturbed: !disturbances.areCalm(path, login.grantedMs),
      isSelectDisturbed: !disturbances.areCalm([...selectOf(visit.server), "network"], login.grantedMs),
    };
  }
}
