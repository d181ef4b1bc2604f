import { table } from "@sallyport/command-line";
import type { BannedAccount, MadeNetworkBan } from "@sallyport/database";
import type { BannedAccountRow, BansAnswer, NetworkBanRow } from "./answers.ts";
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

export const bannedAccount = ({
  accountId,
  name,
  email,
  untilMs,
  reason,
  by,
}: BannedAccount): BannedAccountRow => ({
  accountId,
  name: name ?? email ?? "",
  until: isoUntil(untilMs),
  reason,
  by,
});

export function bansText({ bans, accounts, hasMore }: BansAnswer): string {
  const ofPlaces = bans.map(({ banId, network, device, until, reason, by, madeAt }) => [
    `#${banId}`,
    network ?? `device ${device}`,
    untilText(until),
    orDash(by),
    moment(Date.parse(madeAt)),
    orDash(reason),
  ]);
  const ofAccounts = accounts.map(({ accountId, name, until, reason, by }) => [
    name,
    `#${accountId}`,
    untilText(until),
    orDash(by),
    orDash(reason),
  ]);
  return paragraphs(
    bans.length === 0
      ? "No address, network or device is banned."
      : table(["BAN", "OF", "UNTIL", "BY", "MADE", "REASON"], ofPlaces),
    accounts.length === 0
      ? "No account is banned."
      : table(["BANNED ACCOUNT", "ID", "UNTIL", "BY", "REASON"], ofAccounts),
    hasMore ? "There are more: see --limit, or ask for one with `account show`." : "",
  );
}

const untilText = (until: string): string => (until === "infinity" ? "for ever" : moment(Date.parse(until)));
