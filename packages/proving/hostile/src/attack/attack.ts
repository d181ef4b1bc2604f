import type { Random } from "@sallyport/random";
import type { Way } from "../way.ts";
import type { Sources } from "./sources.ts";

/** A public port of the cluster. */
export interface Target {
  /** The process that has the port; a gateway leads clients to the servers of the tier. */
  readonly at: "server" | "gateway";
  readonly tier: "login" | "char" | "map";
  /** The protocol; `tcp` and `websocket` are native. */
  readonly kind: "tcp" | "websocket" | "ragnarok" | "link";
  readonly host: string;
  readonly port: number;
}

/** Everything that an attack may use. */
export interface Field {
  readonly targets: readonly Target[];
  /** Ways into the cluster for attackers that have accounts. */
  readonly ways: readonly Way[];
  readonly random: Random;
  readonly sources: Sources;
  /** Part of every name, password and text that attackers send: no log may contain it. */
  readonly marker: string;
  /** A name that belongs to another player. */
  readonly victim: string;
  /** The length of a flood. */
  readonly floodMs: number;
  /** How long servers have to close idle connections. After that the attacker closes them. */
  readonly patienceMs: number;
}

/** The connections of an attack, by how they ended. */
export interface Toll {
  tried: number;
  connected: number;
  /** Connections that the server closed. */
  ended: number;
  /** Connections that the attacker closed, because it was done or waited too long. */
  hungUp: number;
  /** Counts answers, for attacks that send requests. */
  readonly answers: Record<string, number>;
}

export interface Attack {
  readonly name: string;
  readonly what: string;
  /** The unit of `count`. */
  readonly unit: "connections" | "clients" | "attempts";
  readonly count: number;
  /** Creates what the attack needs before measurements begin. */
  prepare?(count: number, field: Field): Promise<void>;
  run(count: number, field: Field, toll: Toll): Promise<void>;
}

export const newToll = (): Toll => ({ tried: 0, connected: 0, ended: 0, hungUp: 0, answers: {} });

export function countAnswer(toll: Toll, answer: string): void {
  toll.answers[answer] = (toll.answers[answer] ?? 0) + 1;
}
