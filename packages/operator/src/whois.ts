import type { LimitReading } from "@sallyport/authentication";
import type { FoundAccount } from "@sallyport/database";
import type { LockRow, LoginVerdict, WhoisAccount } from "./answers.ts";
import type { BannedPlace } from "./banned-places.ts";
import { limitSentence } from "./limit-text.ts";
import { accountWords, inWords } from "./lock-words.ts";
import { duration, isoUntil, moment } from "./plain-words.ts";

export interface WhoisFacts {
  readonly account: FoundAccount;
  /** The locks in the stores. A free account or character has none. */
  readonly locks: readonly LockRow[];
  /** False if the account lock is in the memory of another process. */
  readonly isAccountLockSeen: boolean;
  readonly charServersLinked: number | null;
  /** The setting EMAIL_CONFIRMATION of the login-server in this process. Null: none runs here. */
  readonly isConfirmationRequired: boolean | null;
  /**
   * The store lost its locks, and servers may restore them for this many more milliseconds. Meanwhile no
   * client can log in.
   */
  readonly graceLeftMs: number;
  /** The places of its newest logins that are banned now. */
  readonly bannedPlaces: readonly BannedPlace[];
  /** The newest refusals of logins to the account, the newest first. */
  readonly refusals: readonly LoginRefused[];
  /** What the limits count of its name and its address. */
  readonly limits: readonly LimitReading[];
  /** After a request, an owner must release a lock within this many milliseconds. */
  readonly evictMs: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export interface LoginRefused {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly why: string;
  readonly address: string | null;
  readonly times: number;
}

/**
 * All verdicts. If several apply, the first of them counts, because it keeps the player out for the longest
 * time.
 */
const gravest: readonly LoginVerdict[] = [
  "banned",
  "place-banned",
  "unconfirmed",
  "lock-unreadable",
  "not-known",
  "no-world",
  "waits",
  "in-use",
  "can-log-in",
];

interface Finding {
  readonly verdict: LoginVerdict;
  readonly says: readonly string[];
  readonly todo?: readonly string[];
  readonly waitMs?: number | null;
}

/** Describes one account: its owner, the reason that prevents a login, and the remedy. */
export function whois(facts: WhoisFacts): WhoisAccount {
  const { account, locks } = facts;
  const findings = [
    ...[known(facts), ban(facts), places(facts), confirmation(facts), standing(facts)].flat(),
    ...[loss(facts), worlds(facts)].flat(),
    ...limits(facts),
    ...refusals(facts),
  ];
  const verdict =
    gravest.find((each) => findings.some((finding) => finding.verdict === each)) ?? "can-log-in";
  const waits = findings.flatMap(({ waitMs }) => waitMs ?? []);
  return {
    accountId: account.accountId,
    name: account.name ?? account.email ?? "",
    createdAt: iso(account.createdMs),
    lastLoginAt: isoOrNull(account.lastLoginMs),
    bannedUntil: isoUntil(account.bannedUntilMs),
    characters: account.characters.map(({ lastPlayedMs, ...character }) => ({
      ...character,
      lastPlayedAt: isoOrNull(lastPlayedMs),
    })),
    locks,
    verdict,
    waitMs: verdict === "waits" && waits.length > 0 ? Math.max(...waits) : null,
    says: findings.flatMap(({ says }) => says),
    todo: [...new Set(findings.flatMap(({ todo = [] }) => todo))],
  };
}

const iso = (atMs: number): string => new Date(atMs).toISOString();
const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : iso(atMs));

function known({ account, nowMs }: WhoisFacts): Finding {
  const { name, email, accountId, lastLoginMs } = account;
  const since =
    lastLoginMs === null
      ? "never logged in"
      : `last logged in ${moment(lastLoginMs)}, ${duration(nowMs - lastLoginMs)} ago`;
  return { verdict: "can-log-in", says: [`Account ${name ?? email} (#${accountId}) ${since}.`] };
}

function ban({ account, nowMs }: WhoisFacts): readonly Finding[] {
  const { bannedUntilMs, bannedBy, banReason, accountId, name, email } = account;
  if (bannedUntilMs === null || bannedUntilMs <= nowMs) return [];
  const span = spanOf(bannedUntilMs, nowMs);
  const by = bannedBy === null ? "" : ` by ${bannedBy}`;
  const why = banReason === null ? "" : ` Its player is told: ${banReason}`;
  return [
    {
      verdict: "banned",
      says: [`It is banned ${span}${by}: logins are refused as banned.${why}`],
      todo: [`To lift the ban: sallyport account unban "${name ?? email ?? `#${accountId}`}"`],
    },
  ];
}

const spanOf = (untilMs: number, nowMs: number): string =>
  untilMs === Number.POSITIVE_INFINITY
    ? "for ever"
    : `until ${moment(untilMs)}, for ${duration(untilMs - nowMs)} more`;

/**
 * A client of a banned address is refused before its name is read, so no refusal of the account shows it. Only
 * the last login tells where its player is now. From an older place it need not log in.
 */
function places({ bannedPlaces, nowMs }: WhoisFacts): readonly Finding[] {
  return bannedPlaces.map(({ address, device, ban, isLast }) => {
    const came = isLast ? "Its last login came" : "An earlier login came";
    const of = ban.network === null ? "" : ` of ${ban.network}`;
    const span = spanOf(ban.untilMs ?? Number.POSITIVE_INFINITY, nowMs);
    const by = ban.by === null ? "" : ` by ${ban.by}`;
    const [place, refusal] =
      address === null ? [`device ${device}`, "device-banned"] : [address, "address-banned"];
    const why = ban.text === null ? "" : ` Players are told: ${ban.text}`;
    return {
      verdict: isLast ? "place-banned" : "can-log-in",
      says: [
        `${came} from ${place}, which is banned ${span}${by} (ban #${ban.id}${of}): logins from there are refused as ${refusal}.${why}`,
      ],
      todo: [`To lift the ban of ${ban.network ?? place}: sallyport ban lift ${ban.id}`],
    };
  });
}

function confirmation({ account, isConfirmationRequired }: WhoisFacts): readonly Finding[] {
  const { email, isEmailConfirmed, name } = account;
  if (email === null || isEmailConfirmed || isConfirmationRequired === false) return [];
  const is = "Its e-mail address is not confirmed";
  if (isConfirmationRequired === null) {
    const says = `${is}: where EMAIL_CONFIRMATION=required, logins are refused as email-unconfirmed.`;
    return [{ verdict: "can-log-in", says: [says] }];
  }
  const command = `sallyport account email "${name ?? email}" ${email}`;
  return [
    {
      verdict: "unconfirmed",
      says: [
        `${is}: logins are refused as email-unconfirmed, and each sends its player a letter with a code.`,
      ],
      todo: [`If its player gets no letter: ${command}`],
    },
  ];
}

function standing({ account, locks, isAccountLockSeen, evictMs }: WhoisFacts): readonly Finding[] {
  const accountLock = locks.find(({ kind }) => kind === "account");
  // A login needs the account lock first. If that lock has an owner, the text about that lock already says
  // what happens to the character.
  const isMetFirst = accountLock?.owner != null;
  const found = locks.map((lock) => {
    const named = account.characters.find(({ charId }) => charId === lock.charId)?.name;
    const { is, login, verdict, todo, waitMs } = inWords(
      lock,
      `${named ?? "a deleted character"} (#${lock.charId})`,
      evictMs,
    );
    const says = lock.kind === "character" && isMetFirst ? [is] : [is, login];
    return { verdict, says, todo: todo === null ? [] : [todo], waitMs };
  });
  if (accountLock !== undefined) return found;
  const free = { verdict: "can-log-in", says: [accountWords.free.is] } as const;
  const unseen = { verdict: "not-known", says: ["This server cannot tell who owns the account."] } as const;
  return [isAccountLockSeen ? free : unseen, ...found];
}

function loss({ graceLeftMs }: WhoisFacts): readonly Finding[] {
  if (graceLeftMs <= 0) return [];
  const left = duration(graceLeftMs);
  return [
    {
      verdict: "waits",
      says: [`Redis lost its locks, and servers are restoring theirs. Logins are refused for ${left} more.`],
      waitMs: graceLeftMs,
    },
  ];
}

function worlds({ charServersLinked }: WhoisFacts): readonly Finding[] {
  if (charServersLinked !== 0) return [];
  return [
    {
      verdict: "no-world",
      says: ["No char-server is linked to a login-server: logins are refused as no-world."],
      todo: [
        "Start a char-server; if one runs, its log says why it cannot link (LOGIN_LINK, CHAR_PASSWORD).",
      ],
    },
  ];
}

/** The last refusals say nothing about the next login, but an operator can compare them with a complaint. */
function refusals({ refusals: all, nowMs }: WhoisFacts): readonly Finding[] {
  const told = alike(all).map(({ atMs, why, address, times }) => {
    const often = times === 1 ? "" : `, ${times} times`;
    const from = address === null ? "" : ` from ${address}`;
    return `${why}${often}${from}, ${duration(nowMs - atMs)} ago`;
  });
  return told.length === 0
    ? []
    : [{ verdict: "can-log-in", says: [`The last refused logins: ${told.join("; ")}.`] }];
}

/** Others may guess at the password of the account: then its own player, too, waits at a new address. */
function limits({ limits: all }: WhoisFacts): readonly Finding[] {
  const sentence = limitSentence(all);
  if (sentence === null) return [];
  const waitMs = Math.max(...all.filter(({ isReached }) => isReached).map(({ leftMs }) => leftMs));
  return [{ verdict: "waits", says: [sentence], waitMs }];
}

const kindsShown = 3;

/** Puts refusals of one kind from one address together, under the time of the newest. */
function alike(all: readonly LoginRefused[]): readonly LoginRefused[] {
  const kinds = new Map<string, LoginRefused>();
  for (const each of all) {
    const kind = JSON.stringify([each.why, each.address]);
    const newest = kinds.get(kind);
    kinds.set(kind, newest === undefined ? each : { ...newest, times: newest.times + each.times });
  }
  return [...kinds.values()].slice(0, kindsShown);
}
