import type { Random } from "@sallyport/random";
import type { Way } from "../way.ts";
import type { Sources } from "./sources.ts";

/** A port of the cluster that attackers can reach. */
export interface Target {
  /** The name of the process. */
  readonly server: string;
  /** The process that listens on the port. A gateway connects the client to a server of `tier`. */
  readonly at: "server" | "gateway";
  readonly tier: "login" | "char" | "map" | "front" | "resource";
  /** The protocol. `tcp` and `websocket` carry the native dialect. */
  readonly kind:
    | ("tcp" | "websocket" | "ragnarok" | "link")
    | ("a-series" | "token" | "chat" | "line" | "slime" | "resource")
    | ("http" | "keys-http");
  readonly host: string;
  readonly port: number;
}

/** Everything that an attack may use. */
export interface Field {
  readonly targets: readonly Target[];
  /** Ways into the cluster for attackers that have accounts. */
  readonly ways: readonly Way[];
  readonly random: Random;
  readonly sources: Pick<Sources, "next">;
  /** Whether attackers can have addresses of their own: see `Sources`. */
  readonly hasAddresses: boolean;
  /** Every name, password and text of an attacker contains this marker. No log may contain it. */
  readonly marker: string;
  /** The account name of a bot. */
  readonly victim: string;
  /** Each flood lasts this many milliseconds. */
  readonly floodMs: number;
  /**
   * Servers have this many milliseconds to close idle connections. After this time, the attacker closes them.
   */
  readonly patienceMs: number;
}

/** Counts the connections of an attack by the way in which they ended. */
export interface Toll {
  tried: number;
  connected: number;
  /** Connections that the server closed. */
  ended: number;
  /** Connections that the attacker closed, because the attack was over or the wait was too long. */
  hungUp: number;
  /** Counts answers, for attacks that send requests. */
  readonly answers: Record<string, number>;
}

export interface Attack {
  readonly name: string;
  readonly what: string;
  /** The unit of `count`. */
  readonly unit: "connections" | "clients" | "attempts" | "addresses";
  readonly count: number;
  /** Answers that no server may give. */
  readonly forbidden?: readonly string[];
  /** Creates what the attack needs before measurements begin. */
  prepare?(count: number, field: Field): Promise<void>;
  run(count: number, field: Field, toll: Toll): Promise<void>;
}

export const newToll = (): Toll => ({ tried: 0, connected: 0, ended: 0, hungUp: 0, answers: {} });

export function countAnswer(toll: Toll, answer: string): void {
  toll.answers[answer] = (toll.answers[answer] ?? 0) + 1;
}
