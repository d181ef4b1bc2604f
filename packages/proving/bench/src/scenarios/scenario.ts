import type { Contender, ContenderOptions } from "../contenders/contender.ts";

/** A table of what is measured, for how many clients, and against what. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** What is counted. */
  readonly unit: string;
  /** How many accounts there are when so many clients play. */
  readonly accounts: (clientsMost: number) => number;
  readonly ours: (options: ContenderOptions) => Promise<Contender>;
  readonly floor: (options: ContenderOptions) => Promise<Contender>;
}
