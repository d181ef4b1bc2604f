import { table } from "@sallyport/command-line";
import type { MadeNetworkBan } from "@sallyport/database";
import type { NetworkBanRow, NetworkBansAnswer } from "./answers.ts";
import { orDash, paragraphs } from "./columns.ts";
import { isoUntil, moment } from "./plain-words.ts";

export const banAnswer = ({
  id,
  network,
  device,
  untilMs,
  text,
  by,
  madeMs,
}: MadeNetworkBan): NetworkBanRow => ({
  banId: id,
  network,
  device,
  until: isoUntil(untilMs ?? Number.POSITIVE_INFINITY),
  reason: text,
  by,
  madeAt: new Date(madeMs).toISOString(),
});

export function bansText({ bans }: NetworkBansAnswer): string {
  if (bans.length === 0) return "No address, network or device is banned.\n";
  const rows = bans.map(({ banId, network, device, until, reason, by, madeAt }) => [
    `#${banId}`,
    network ?? `device ${device}`,
    until === "infinity" ? "for ever" : moment(Date.parse(until)),
    orDash(by),
    moment(Date.parse(madeAt)),
    orDash(reason),
  ]);
  return paragraphs(table(["BAN", "OF", "UNTIL", "BY", "MADE", "REASON"], rows));
}
