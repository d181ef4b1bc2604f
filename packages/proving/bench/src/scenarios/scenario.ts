import { availableParallelism } from "node:os";
import { counted } from "@sallyport/command-line";
import type { Rig } from "@sallyport/rig";
import type { Accounts } from "../contenders/accounts.ts";
import { placesFor } from "../contenders/places.ts";
import type { Standing } from "../contenders/standing.ts";
import type { Generators } from "../generator/generators.ts";
import type { Measured, Size } from "../report.ts";

export interface Stage {
  readonly size: Size;
  /** When the scenario ends, the rig stops everything that it started. */
  readonly rig: Rig;
  readonly generators: Generators;
  /** Several scenarios share these servers. */
  readonly standing: Standing;
  readonly tell: (line: string) => void;
}

/** A scenario measures cases, and names the bound of each case. */
export type Scenario = (stage: Stage) => Promise<Measured>;

export const password = "correct horse";

export const accountNames = (count: number, prefix = "player"): readonly string[] =>
  Array.from({ length: count }, (_, nth) => `${prefix}${String(nth + 1).padStart(5, "0")}`);

export const clientsOf = (count: number): string => counted(count, "client");

/** There are more accounts than clients. So no account logs in again directly after its client left. */
export const hopAccountNames = ({ clients, atOnce }: Pick<Size, "clients" | "atOnce">): readonly string[] =>
  accountNames(Math.max(atOnce, ...clients) + atOnce);

/** A core does fewer logins than this in a second. */
const coldPerCore = 60;

/** Each of these accounts logs in at most once, so no server remembers its password. */
export function coldAccountNames({ rounds, seconds, atOnce }: Size): readonly string[] {
  const perRound = atOnce + Math.ceil(2 * seconds * coldPerCore * availableParallelism());
  return accountNames((rounds + 1) * perRound, "cold");
}

/** Players that stand this many cells apart do not see each other. */
export const outOfSight = 18;
/** Servers send the whole map to clients that hop. So these maps are small. */
const hopSideMax = 100;

export const standingAccounts = (size: Size): Accounts => {
  const hopping = hopAccountNames(size);
  return {
    names: [...hopping, ...coldAccountNames(size)],
    places: placesFor(hopping.length, { cellsApart: outOfSight, sideMax: hopSideMax }),
    password,
  };
};
