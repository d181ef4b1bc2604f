import type { Fact } from "../facts.ts";

/** A client at a char or map door, as its messages show it. */
export interface Visit {
  readonly channel: number;
  readonly door: "char" | "map";
  /** Names of the processes of the server and of the client, such as `map-1#2`. */
  readonly server: string;
  readonly client: string;
  readonly accountId: number;
  readonly loginId1: number;
  /** The chosen character; 0 at the char door. */
  readonly charId: number;
  readonly sinceMs: number;
  /**
   * `in` lasts from the granted request until the server sends the client away or to the next door, or until
   * the connection ends.
   */
  phase: "asking" | "in" | "over";
  /** Whether the connection ended in phase `in`, without a reason from the server. */
  isCutOff: boolean;
  /** Whether the connection ended in phase `asking`. The server may admit the client before it notices. */
  isAbandoned: boolean;
}

/** Records for each client at which door it is. It checks no rule; several checkers use it. */
export class Visits {
  readonly #byChannel = new Map<number, Visit>();

  get all(): Iterable<Visit> {
    return this.#byChannel.values();
  }

  of(channel: number): Visit | undefined {
    return this.#byChannel.get(channel);
  }

  readonly saw = (fact: Fact, nowMs: number): void => {
    if (fact.type === "said") this.#said(fact, nowMs);
    else if (fact.type === "answered") this.#answered(fact);
    else if (fact.type === "channel-over") this.#cutOff(fact.channel);
    else if (fact.type === "died") {
      for (const visit of this.#byChannel.values()) if (visit.server === fact.life) visit.phase = "over";
    }
  };

  #said(said: Extract<Fact, { type: "said" }>, nowMs: number): void {
    const { kind, channel, message } = said;
    if (kind === "request") this.#asked(said, nowMs);
    else if (message.type === "client.kicked" || message.type === "map.hop") this.#over(channel);
  }

  #asked({ channel, life, to, message }: Extract<Fact, { type: "said" }>, nowMs: number): void {
    const { type, accountId = 0, loginId1 = 0, charId = 0 } = message;
    if (type !== "char.enter" && type !== "map.enter") return;
    const door = type === "char.enter" ? "char" : "map";
    const shown = { accountId, loginId1, charId };
    const visit: Visit = {
      channel,
      door,
      server: to,
      client: life,
      ...shown,
      sinceMs: nowMs,
      phase: "asking",
      isCutOff: false,
      isAbandoned: false,
    };
    this.#byChannel.set(channel, visit);
  }

  #answered({ channel, refusal, request }: Extract<Fact, { type: "answered" }>): void {
    const visit = this.of(channel);
    if (visit === undefined || visit.phase === "over" || refusal !== null) return;
    if (request.type === "char.enter" || request.type === "map.enter") visit.phase = "in";
    else if (request.type === "char.choose" || request.type === "map.leave") visit.phase = "over";
  }

  #cutOff(channel: number): void {
    const visit = this.of(channel);
    if (visit?.phase === "in") visit.isCutOff = true;
    else if (visit?.phase === "asking") visit.isAbandoned = true;
    this.#over(channel);
  }

  #over(channel: number): void {
    const visit = this.of(channel);
    if (visit !== undefined) visit.phase = "over";
  }
}
