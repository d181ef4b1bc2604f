import type { Rig } from "@sallyport/rig";
import type { Generators } from "../generator/generators.ts";
import type { Case, Size } from "../report.ts";

export interface Stage {
  readonly size: Size;
  /** When the scenario ends, the rig stops, and so does everything that it started. */
  readonly rig: Rig;
  readonly generators: Generators;
  readonly tell: (line: string) => void;
}

/** Defines the cases to measure, and the bound of each. */
export interface Scenario {
  readonly name: string;
  readonly measure: (stage: Stage) => Promise<readonly Case[]>;
}

export const password = "correct horse";

export const accountNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, nth) => `player${String(nth + 1).padStart(5, "0")}`);

export const clientsOf = (count: number): string => `${count} client${count === 1 ? "" : "s"}`;
