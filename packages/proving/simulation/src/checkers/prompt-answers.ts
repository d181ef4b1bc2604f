import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import { healthyNetworkMs, statementMs } from "../latencies.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

/**
 * Maximum numbers of messages and statements for one answer. They follow each other, and include a second
 * attempt after a lost race.
 */
interface MadeOf {
  /** The number of messages including the request and excluding the answer. */
  readonly messages: number;
  readonly statements: number;
  /** If the server has to wait, it looks again after this many milliseconds. */
  readonly waitMs?: number;
}

/**
 * In the longest case, an older client has to leave first. An event wakes the newer login. If the event comes
 * just before the login begins to wait, the login waits for `waitMs`.
 */
const logIn: MadeOf = { messages: 8, statements: 24, waitMs: 500 };

const madeOf: { readonly [request: string]: MadeOf } = {
  "login.salt": { messages: 1, statements: 3 },
  "login.password": logIn,
  "login.prove": logIn,
  "login.password.change": { messages: 1, statements: 12 },
  "char.enter": { messages: 4, statements: 9, waitMs: 200 },
  "char.choose": { messages: 3, statements: 12 },
  "map.enter": { messages: 3, statements: 4 },
  "map.walk": { messages: 1, statements: 0 },
  "map.say": { messages: 1, statements: 0 },
  // It can wait for a hop that fails, or for another save.
  "map.save": { messages: 7, statements: 10 },
  "map.leave": { messages: 6, statements: 9 },
  "link.alive": { messages: 1, statements: 0 },
  "link.hello": { messages: 1, statements: 0 },
  "link.prove": { messages: 1, statements: 2 },
  "world.announce": { messages: 1, statements: 0 },
  "map-server.announce": { messages: 1, statements: 1 },
  "account.hold": { messages: 1, statements: 4 },
  "account.release": { messages: 1, statements: 4 },
  "account.kick": { messages: 1, statements: 0 },
  "character.expect": { messages: 1, statements: 0 },
  "character.kick": { messages: 1, statements: 0 },
  "character.enter": { messages: 1, statements: 4 },
  "character.save": { messages: 1, statements: 2 },
  "character.leave": { messages: 3, statements: 8 },
  "character.hop": { messages: 3, statements: 8 },
};

const boundMs = ({ messages, statements, waitMs = 0 }: MadeOf): number =>
  messages * healthyNetworkMs[1] + statements * statementMs + waitMs;

interface Waiting {
  readonly sinceMs: number;
  readonly life: string;
  readonly to: string;
  readonly what: string;
}

/** While nothing goes wrong, an answer takes no longer than the messages and statements that it needs. */
export class PromptAnswers implements Checker {
  readonly name = "prompt-answers";
  readonly #disturbances: Disturbances;
  /** Requests without an answer, keyed by channel, asker and number. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(disturbances: Disturbances) {
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    said: ({ kind, channel, life, to, correlationId, message: { type } }, nowMs) => {
      if (kind === "request" && type in madeOf)
        this.#waiting.set(`${channel} ${life} ${correlationId}`, { sinceMs: nowMs, life, to, what: type });
      return null;
    },
    answered: (answered, nowMs) => {
      const late = this.#judge(answered, nowMs);
      if (answered.request.type === "map.save") this.#wasInTheWay(answered, nowMs);
      return late;
    },
  };

  /** A server handles the commands of a client one after the other, so those behind this one begin now. */
  #wasInTheWay({ channel, to }: FactOf<"answered">, nowMs: number): void {
    for (const [key, waiting] of this.#waiting)
      if (key.startsWith(`${channel} ${to} `)) this.#waiting.set(key, { ...waiting, sinceMs: nowMs });
  }

  #judge({ channel, to, correlationId }: FactOf<"answered">, nowMs: number): string | null {
    const key = `${channel} ${to} ${correlationId}`;
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    const parts = waiting && madeOf[waiting.what];
    if (waiting === undefined || parts === undefined) return null;
    const { life, what, sinceMs } = waiting;
    const ms = nowMs - sinceMs;
    if (ms <= boundMs(parts)) return null;
    const path = [...wholePathOf(life), ...wholePathOf(waiting.to), nameOf(life)];
    return this.#disturbances.areCalm(path, sinceMs)
      ? `${life} waited ${Math.round(ms)} ms for ${waiting.to} to answer ${what}, without a fault on the way`
      : null;
  }
}
