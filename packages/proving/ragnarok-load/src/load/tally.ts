import { Fault, Tally } from "@sallyport/bots";
import type { RagnarokClient } from "../client/ragnarok-client.ts";

/**
 * The requests of a client. Each request is timed from its first byte, or from the start of its connection,
 * until the answer.
 */
export const steps = [
  "register",
  "login",
  "char enter",
  "create",
  "choose",
  "map enter",
  "time",
  "walk",
  "say",
  "restart",
  "quit",
  "close",
] as const;
export type Step = (typeof steps)[number];

/** The waits of a player. Each wait is measured from the start of the round and includes all refusals. */
export const spans = ["to login ids", "to characters", "to the map"] as const;
export type Span = (typeof spans)[number];

export class LoadTally extends Tally<Step | Span> {
  roundsWell = 0;
  hops = 0;

  constructor() {
    super([...steps, ...spans]);
  }

  /** Adds the faults that the client found in packets. */
  faultsOf(client: RagnarokClient, account: string): void {
    for (const { fault, door, detail } of client.faults) {
      this.fault(new Fault(`protocol: ${fault}`, `${account} at the ${door} door: ${detail}`));
    }
  }
}
