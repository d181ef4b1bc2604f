import { record } from "./record.ts";
import { Tally } from "./tally.ts";

export const doors = ["login", "char enter", "choose", "map enter", "leave"] as const;
export type Door = (typeof doors)[number];

/** In a hop, a client moves from one server to another. */
export const hops = ["login → char", "char → map", "map → map", "map → char"] as const;
export type Hop = (typeof hops)[number];

export class BotTally extends Tally<Door> {
  readonly hops = record<Hop, number>(hops, () => 0);

  constructor() {
    super(doors);
  }

  get hopCount(): number {
    return hops.reduce((sum, hop) => sum + this.hops[hop], 0);
  }
}
