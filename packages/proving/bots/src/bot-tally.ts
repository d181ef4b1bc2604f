import { Tally } from "./tally.ts";

export const doors = ["login", "char enter", "choose", "map enter", "leave"] as const;
export type Door = (typeof doors)[number];

/** A hop: a client goes from one server to the next. */
export const hops = ["login → char", "char → map", "map → map", "map → char"] as const;
export type Hop = (typeof hops)[number];

export class BotTally extends Tally<Door> {
  readonly hops = Object.fromEntries(hops.map((hop) => [hop, 0])) as Record<Hop, number>;

  constructor() {
    super(doors);
  }

  get hopCount(): number {
    return hops.reduce((sum, hop) => sum + this.hops[hop], 0);
  }
}
