import { startFloor } from "../contenders/floor.ts";
import { startOurs } from "../contenders/ours.ts";
import type { Scenario } from "./scenario.ts";

/** Beyond one for each client, so that no account is used again right after it was left. */
const restingAccounts = 16;

export const hop: Scenario = {
  name: "full hop",
  what: "Ragnarok 20100105: log in, choose, enter the map, leave; raw passwords that are remembered; three servers",
  unit: "hops",
  accounts: (clientsMost) => clientsMost + restingAccounts,
  ours: startOurs,
  floor: startFloor,
};
