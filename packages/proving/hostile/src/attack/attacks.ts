import type { Attack } from "./attack.ts";
import { connectFlood } from "./connect-flood.ts";
import { crumbs } from "./crumbs.ts";
import { firstPacketFlood } from "./first-packet-flood.ts";
import { halfOpen } from "./half-open.ts";
import { junkConnections } from "./junk.ts";
import { lyingLengths } from "./lying-lengths.ts";
import { passwordFlood } from "./password-flood.ts";
import { proxyHeaders } from "./proxy-headers.ts";
import { requestFlood } from "./request-flood.ts";
import { slowReaders } from "./slow-readers.ts";

/** These attacks run at the same time. Each attack comes from `addresses` different addresses. */
export const attacks: readonly { readonly attack: Attack; readonly addresses: number }[] = [
  { attack: halfOpen, addresses: 2 },
  { attack: slowReaders, addresses: 8 },
  { attack: lyingLengths, addresses: 8 },
  { attack: junkConnections, addresses: 8 },
  { attack: requestFlood, addresses: 4 },
  { attack: passwordFlood, addresses: 1 },
  { attack: connectFlood, addresses: 4 },
  { attack: firstPacketFlood, addresses: 4 },
  { attack: proxyHeaders, addresses: 4 },
  { attack: crumbs, addresses: 4 },
];
