import { table } from "@sallyport/command-line";
import type { LoginRow } from "@sallyport/database";
import type {
  AccountAnswer,
  AddressedAccount,
  ChangedAccount,
  LoginTimes,
  MutedAccount,
  RoleAccount,
  UnbannedAccount,
} from "./answers.ts";
import { orDash, paragraphs } from "./columns.ts";
import { isoUntil, moment } from "./plain-words.ts";
import type { NamedAccount } from "./requests/named-account.ts";
import { loginCells, loginHead } from "./trail-text.ts";

export const changedText =
  (what: string) =>
  ({ accountId, name }: ChangedAccount): string =>
    `Account ${name} (#${accountId}) ${what}.\n`;

export const addressedText = ({ email, ...account }: AddressedAccount): string =>
  changedText(email === null ? "has no e-mail address" : `has the e-mail address ${email}`)(account);

export const unbannedText = ({ wasBanned, ...account }: UnbannedAccount): string =>
  changedText(wasBanned ? "is not banned any more" : "was not banned")(account);

export const roleText = ({ role, before, ...account }: RoleAccount): string =>
  changedText(role === before ? `already had the role ${role}` : `has the role ${role}, and was ${before}`)(
    account,
  );

/** A mute until a time that is over lets the account speak. */
export function mutedText({ mutedUntil, ...account }: MutedAccount): string {
  if (mutedUntil === null) return changedText("may speak")(account);
  const forEver = mutedUntil === "infinity";
  return changedText(`is muted ${forEver ? until(mutedUntil) : `until ${until(mutedUntil)}`}`)(account);
}

export const loginTimes = (row: LoginRow): LoginTimes => ({
  accountId: row.account_id,
  address: row.address,
  device: row.device,
  dialect: row.dialect,
  clientVersion: row.client_version,
  connectedAt: row.connected_at,
  lastActiveAt: row.last_active_at,
  endedAt: row.ended_at,
});

export const accountAnswer = (account: NamedAccount, logins: readonly LoginRow[]): AccountAnswer => ({
  accountId: account.accountId,
  name: account.name,
  email: account.email,
  isEmailConfirmed: account.isEmailConfirmed,
  role: account.role,
  createdAt: iso(account.createdMs),
  lastLoginAt: isoOrNull(account.lastLoginMs),
  bannedUntil: isoUntil(account.bannedUntilMs),
  banReason: account.banReason,
  bannedBy: account.bannedBy,
  mutedUntil: isoUntil(account.mutedUntilMs),
  characters: account.characters.map(({ lastPlayedMs, ...character }) => ({
    ...character,
    lastPlayedAt: isoOrNull(lastPlayedMs),
  })),
  logins: logins.map(loginTimes),
});

const iso = (atMs: number): string => new Date(atMs).toISOString();
const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : iso(atMs));

export function accountText(account: AccountAnswer): string {
  const { accountId, name, email, isEmailConfirmed, role, createdAt, lastLoginAt } = account;
  const facts: readonly (readonly [string, string])[] = [
    ["account", `#${accountId}`],
    ["name", orDash(name)],
    ["e-mail", email === null ? "-" : `${email}${isEmailConfirmed ? "" : " (not confirmed)"}`],
    ["role", role],
    ["created", at(createdAt)],
    ["last login", at(lastLoginAt)],
    ["banned until", until(account.bannedUntil)],
    ...(account.bannedUntil === null
      ? []
      : ([
          ["banned by", orDash(account.bannedBy)],
          ["reason", orDash(account.banReason)],
        ] as const)),
    ["muted until", until(account.mutedUntil)],
  ];
  const characters = account.characters.map((each) => [
    each.name,
    `#${each.charId}`,
    each.world,
    each.map,
    at(each.lastPlayedAt),
  ]);
  return paragraphs(
    table(facts[0] ?? [], facts.slice(1)),
    characters.length === 0
      ? "It has no characters."
      : table(["CHARACTER", "ID", "WORLD", "SAVED ON", "LAST PLAYED"], characters),
    account.logins.length === 0 ? "" : table(loginHead, account.logins.map(loginCells)),
  );
}

const at = (time: string | null): string => (time === null ? "never" : moment(Date.parse(time)));
const until = (time: string | null): string =>
  time === null ? "-" : time === "infinity" ? "for ever" : moment(Date.parse(time));
