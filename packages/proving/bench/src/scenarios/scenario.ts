import { availableParallelism } from "node:os";
import type { Rig } from "@sallyport/rig";
import type { Accounts } from "../contenders/accounts.ts";
import { placesFor } from "../contenders/places.ts";
import type { Standing } from "../contenders/standing.ts";
import type { Generators } from "../generator/generators.ts";
import type { Measured, Size } from "../report.ts";

export interface Stage {
  readonly size: Size;
  /** When the scenario ends, the rig stops, and so does everything that it started. */
  readonly rig: Rig;
  readonly generators: Generators;
  /** Servers with `hopAccounts`, which scenarios share. */
  readonly standing: Standing;
  readonly tell: (line: string) => void;
}

/** Defines the cases to measure, and the bound of each. */
export type Scenario = (stage: Stage) => Promise<Measured>;

export const password = "correct horse";

export const accountNames = (count: number, prefix = "player"): readonly string[] =>
  Array.from({ length: count }, (_, nth) => `${prefix}${String(nth + 1).padStart(5, "0")}`);

export const clientsOf = (count: number): string => `${count} client${count === 1 ? "" : "s"}`;

/** More than one for each client, so that no account is used again right after its client left. */
export const hopAccountNames = ({ clients, atOnce }: Pick<Size, "clients" | "atOnce">): readonly string[] =>
  accountNames(Math.max(atOnce, ...clients) + atOnce);

/** More logins than a core can do in a second. */
const coldPerCore = 60;

/** Accounts that log in at most once, with passwords that no server remembers. */
export function coldAccountNames({ rounds, seconds, atOnce }: Size): readonly string[] {
  const perRound = atOnce + Math.ceil(2 * seconds * coldPerCore * availableParallelism());
  return accountNames((rounds + 1) * perRound, "cold");
}

/** Farther apart than players see, so that no player gets events about others. */
export const outOfSight = 18;
/** Clients that hop are told their whole map, so these maps are small. */
const hopSideMax = 100;

export const standingAccounts = (size: Size): Accounts => {
  const hopping = hopAccountNames(size);
  return {
    names: [...hopping, ...coldAccountNames(size)],
    places: placesFor(hopping.length, { cellsApart: outOfSight, sideMax: hopSideMax }),
    password,
  };
};
