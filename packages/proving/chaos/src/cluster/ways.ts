import type { Connect, DoorAddress } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";

/** A way in which a player reaches the servers. */
export interface Way {
  /** The name of the server at which it logs in. */
  readonly name: string;
  readonly login: DoorAddress;
  /** Connects to a door that the player was told. */
  readonly connect: Connect;
}

const host = "127.0.0.1";

export const straightTo = (name: string, port: number): Way => ({
  name,
  login: { host, port },
  connect: tcpConnect,
});

/**
 * Servers tell their own doors, so that some players can go there. A player on this way goes to the gateway's
 * doors, as if it had been told those. `leads` maps each port that was told to one of the gateway's.
 */
export const byGateway = (loginPort: number, leads: ReadonlyMap<number, number>): Way => ({
  name: "gateway",
  login: { host, port: loginPort },
  connect: ({ port }, withinMs) => tcpConnect({ host, port: leads.get(port) ?? port }, withinMs),
});
