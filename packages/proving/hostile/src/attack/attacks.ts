import type { Attack } from "./attack.ts";
import { connectFlood } from "./connect-flood.ts";
import { crowd } from "./crowd.ts";
import { crumbs } from "./crumbs.ts";
import { firstPacketFlood } from "./first-packet-flood.ts";
import { guesses, registrations } from "./guesses.ts";
import { halfOpen } from "./half-open.ts";
import { junkConnections } from "./junk.ts";
import { lyingLengths } from "./lying-lengths.ts";
import { passwordFlood } from "./password-flood.ts";
import { proxyHeaders } from "./proxy-headers.ts";
import { requestFlood } from "./request-flood.ts";
import { slowReaders } from "./slow-readers.ts";
import { attackNet, botNets } from "./sources.ts";
import { spoiledMessages } from "./spoiled.ts";

interface Planned {
  readonly attack: Attack;
  /** The attack comes from this many different addresses. */
  readonly addresses: number;
  /** Some attackers have accounts, which they create from these addresses. */
  readonly hasAccounts?: true;
}

/** These attacks run at the same time. */
export const attacks: readonly Planned[] = [
  { attack: halfOpen, addresses: 2 },
  { attack: slowReaders, addresses: 8, hasAccounts: true },
  { attack: lyingLengths, addresses: 8 },
  { attack: junkConnections, addresses: 8 },
  { attack: requestFlood, addresses: 4 },
  { attack: passwordFlood, addresses: 1 },
  { attack: guesses, addresses: 10_000 },
  { attack: registrations, addresses: 10_000 },
  { attack: connectFlood, addresses: 4 },
  { attack: firstPacketFlood, addresses: 4 },
  { attack: proxyHeaders, addresses: 4 },
  { attack: crumbs, addresses: 4 },
  { attack: spoiledMessages, addresses: 8 },
  { attack: crowd, addresses: 2 },
];

/**
 * Limits on logins and registrations do not hold for these networks, because all bots of a way have one
 * address. They hold for all attackers without accounts.
 */
export const exemptNetworks: readonly string[] = [
  ...Object.values(botNets),
  ...attacks.flatMap(({ hasAccounts }, index) => (hasAccounts ? [attackNet(index)] : [])),
].map((net) => `127.${net}.0.0/16`);
