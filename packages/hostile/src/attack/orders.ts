import type { Way } from "../way.ts";
import type { Target, Toll } from "./attack.ts";

/** What the process with the attackers in it is told. */
export interface Order {
  readonly do: "prepare" | "attack";
  readonly seed: number;
  /** Of the numbers of `counts`. */
  readonly share: number;
  /** By an attack's name, where that is not the attack's own. */
  readonly counts: Readonly<Record<string, number>>;
  readonly targets: readonly Target[];
  readonly ways: readonly Way[];
  readonly marker: string;
  readonly victim: string;
  readonly floodMs: number;
  readonly patienceMs: number;
}

/** And what it says when it is done. */
export type Outcome =
  | { readonly done: true; readonly tolls: Readonly<Record<string, Toll>>; readonly seconds: number }
  | { readonly done: false; readonly why: string };
