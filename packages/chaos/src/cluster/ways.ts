import type { Connect, DoorAddress } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";

/** How a player comes to the servers. */
export interface Way {
  /** Of the server that it logs in at. */
  readonly name: string;
  readonly login: DoorAddress;
  /** To a door that the player was told of. */
  readonly connect: Connect;
}

const host = "127.0.0.1";

export const straightTo = (name: string, port: number): Way => ({
  name,
  login: { host, port },
  connect: tcpConnect,
});

/**
 * All servers tell their own doors, so that some players can go there. Who comes by the gateway goes to the gateway's
 * instead, as when these were the ones that are told: `leads` says for each port that is told to which.
 */
export const byGateway = (loginPort: number, leads: ReadonlyMap<number, number>): Way => ({
  name: "gateway",
  login: { host, port: loginPort },
  connect: ({ port }, withinMs) => tcpConnect({ host, port: leads.get(port) ?? port }, withinMs),
});
