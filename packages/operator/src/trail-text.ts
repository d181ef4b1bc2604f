import { table } from "@sallyport/command-line";
import type { Json } from "@sallyport/domain";
import type { LoginTimes, TrailAnswer, TrailEntryRow } from "./answers.ts";
import { orDash, paragraphs } from "./columns.ts";
import { momentToTheSecond } from "./plain-words.ts";

/** The trail of an account as text for people. */
export function trailText({ accounts, counts, logins, entries, next }: TrailAnswer): string {
  const isOf = (accountId: number | null): string =>
    accounts.find((each) => each.accountId === accountId)?.name ??
    (accountId === null ? "" : `#${accountId}`);
  const times = table(
    ["ACCOUNT", ...loginHead],
    logins.map((login) => [isOf(login.accountId), ...loginCells(login)]),
  );
  const counted = table(
    ["ACCOUNT", "LOG-ONS", "LOG-OFFS"],
    counts.map(({ accountId, logOns, logOffs }) => [isOf(accountId), String(logOns), String(logOffs)]),
  );
  const happened = table(
    ["AT", "WHAT", "ACCOUNT", "FROM", "BY", "WHY", "DETAIL"],
    entries.map((entry) => [
      atText(entry.at),
      entry.what,
      orDash(isOf(entry.accountId)),
      orDash(fromText(entry)),
      orDash(entry.by),
      orDash(entry.why),
      orDash(detailText(entry)),
    ]),
  );
  return paragraphs(
    counts.length === 0 ? "" : counted,
    logins.length === 0 ? "" : times,
    entries.length === 0 ? "The trail has nothing about it." : happened,
    next === null ? "" : `There are more: --before ${next}`,
  );
}

export const loginHead = ["CONNECTED", "LAST ACTIVE", "ENDED", "FROM", "CLIENT"];

export const loginCells = (login: LoginTimes): readonly string[] => [
  atText(login.connectedAt),
  atText(login.lastActiveAt),
  login.endedAt === null ? "-" : atText(login.endedAt),
  orDash(fromText(login)),
  orDash([login.dialect, login.clientVersion].filter(Boolean).join(" ")),
];

const atText = (iso: string): string => momentToTheSecond(Date.parse(iso));

const fromText = ({ address, device }: Pick<TrailEntryRow, "address" | "device">): string =>
  [address, device && `device ${device}`].filter(Boolean).join(", ");

function detailText({ charId, detail }: TrailEntryRow): string {
  const told = isObject(detail) ? Object.entries(detail) : [];
  const shown = told.map(
    ([key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [...(charId === null ? [] : [`character #${charId}`]), ...shown].join(", ");
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
