import type { Way } from "../way.ts";
import type { Target, Toll } from "./attack.ts";

/** An order to the process of the attackers. */
export interface Order {
  readonly do: "prepare" | "attack";
  readonly seed: number;
  /** Counts by the name of the attack. An attack that is missing here uses `Attack.count`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly targets: readonly Target[];
  readonly ways: readonly Way[];
  readonly marker: string;
  readonly victim: string;
  readonly floodMs: number;
  readonly patienceMs: number;
}

/** The answer of the attackers' process to an order. */
export type Outcome =
  | { readonly done: true; readonly tolls: Readonly<Record<string, Toll>>; readonly seconds: number }
  | { readonly done: false; readonly why: string };
