import type { Checker, Rules } from "./checker.ts";

interface Waiting {
  readonly sinceMs: number;
  readonly life: string;
  readonly to: string;
  readonly what: string;
  /** After this time, the server no longer begins the request and the sender no longer waits. */
  readonly ttlMs: number;
}

/** Every request is answered within a bound, or its channel closes. A killed process owes no answers. */
export class Answers implements Checker {
  readonly name = "answers";
  readonly #boundMs: number;
  readonly #over = new Set<number>();
  readonly #waiting = new Map<number, Map<string, Waiting>>();

  constructor(boundMs: number) {
    this.#boundMs = boundMs;
  }

  readonly rules: Rules = {
    said: ({ kind, channel, life, to, correlationId, ttlMs, message }, nowMs) => {
      // A request over an ended channel gets no answer. The sender has not yet noticed the end.
      if (kind !== "request" || this.#over.has(channel)) return null;
      const ofChannel = this.#waiting.get(channel) ?? new Map<string, Waiting>();
      ofChannel.set(`${life} ${correlationId}`, { sinceMs: nowMs, life, to, what: message.type, ttlMs });
      this.#waiting.set(channel, ofChannel);
      return null;
    },
    answered: ({ channel, to, correlationId }, nowMs) => {
      const ofChannel = this.#waiting.get(channel);
      const waiting = ofChannel?.get(`${to} ${correlationId}`);
      ofChannel?.delete(`${to} ${correlationId}`);
      return waiting === undefined ? null : this.#judge(waiting, nowMs);
    },
    "channel-over": ({ channel }) => {
      this.#over.add(channel);
      this.#waiting.delete(channel);
      return null;
    },
    "client-answered": ({ life, command, refusal }) =>
      refusal === "unanswered" ? `${life} was not answered: ${command}` : null,
  };

  end(nowMs: number): string | null {
    for (const ofChannel of this.#waiting.values()) {
      for (const waiting of ofChannel.values()) {
        const late = nowMs - waiting.sinceMs > waiting.ttlMs ? null : this.#judge(waiting, nowMs);
        if (late !== null) return late;
      }
    }
    return null;
  }

  #judge({ sinceMs, life, to, what }: Waiting, nowMs: number): string | null {
    const ms = Math.round(nowMs - sinceMs);
    return ms <= this.#boundMs ? null : `${life} waited ${ms} ms for ${to} to answer ${what}`;
  }
}
