import type { Random } from "@sallyport/bots";
import type { Way } from "../way.ts";
import type { Sources } from "./sources.ts";

/** A port of the cluster that anybody can reach. */
export interface Target {
  /** Whose it is; a gateway's leads to the servers of the tier. */
  readonly at: "server" | "gateway";
  readonly tier: "login" | "char" | "map";
  /** What is spoken there; `tcp` and `websocket` are native. */
  readonly kind: "tcp" | "websocket" | "ragnarok" | "link";
  readonly host: string;
  readonly port: number;
}

/** What an attack has to work with. */
export interface Field {
  readonly targets: readonly Target[];
  /** For attackers that are somebody. */
  readonly ways: readonly Way[];
  readonly random: Random;
  readonly sources: Sources;
  /** Part of every name, password and text that attackers send: it must be in no log. */
  readonly marker: string;
  /** A name that somebody else really has. */
  readonly victim: string;
  /** How long a flood goes on. */
  readonly floodMs: number;
  /** How long servers have to end what only stays open; then it hangs up itself. */
  readonly patienceMs: number;
}

/** What became of an attack's connections. */
export interface Toll {
  tried: number;
  connected: number;
  /** Closed by the server. */
  ended: number;
  /** Hung up by the attacker, because it was done or nothing happened for too long. */
  hungUp: number;
  /** Answers, of attacks that ask for something. */
  readonly answers: Record<string, number>;
}

export interface Attack {
  readonly name: string;
  readonly what: string;
  /** What `count` counts. */
  readonly unit: "connections" | "clients" | "attempts";
  readonly count: number;
  /** What it needs to be there first, made before anything is measured. */
  prepare?(count: number, field: Field): Promise<void>;
  run(count: number, field: Field, toll: Toll): Promise<void>;
}

export const newToll = (): Toll => ({ tried: 0, connected: 0, ended: 0, hungUp: 0, answers: {} });

export function countAnswer(toll: Toll, answer: string): void {
  toll.answers[answer] = (toll.answers[answer] ?? 0) + 1;
}

/** Each of `count`, at most `atOnce` at a time. */
export async function each(
  count: number,
  atOnce: number,
  run: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await run(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
}
