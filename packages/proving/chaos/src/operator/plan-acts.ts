import type { Random } from "@sallyport/random";

/*
 * What an operator does to accounts while they play. The acts and their times are drawn from the seed before
 * anything starts, like the faults. An account has one act at a time, so that each act has an end that can be
 * judged.
 */

const kinds = ["ban", "kick", "rename", "password", "password and leave"] as const;

export interface PlannedAct {
  readonly kind: (typeof kinds)[number];
  readonly account: string;
  /** By SQL, no server is told of a ban: each has to find it. */
  readonly by: "admin port" | "SQL";
  /** The act begins this many milliseconds after the start of the plan. */
  readonly atMs: number;
  /** A ban is lifted after this time. For all others 0. */
  readonly forMs: number;
}

interface Of {
  readonly accounts: readonly string[];
  readonly durationMs: number;
}

const weights = { ban: 4, kick: 3, rename: 3, password: 2, "password and leave": 2 } as const;
/** At least the first and at most the second time passes from one act to the next. */
const gapMs = [300, 2_500] as const;
/** Most bans end while servers still follow them. A player is judged only in a ban that outlasts all timers. */
const shortBanMs = [500, 12_000] as const;
const longBanMs = [36_000, 60_000] as const;
/** An act can take a while, because a server or a store is away. */
const restMs = 4_000;
/** The others go on playing. */
const bannedShareMax = 1 / 3;

export function planActs(random: Random, { accounts, durationMs }: Of): PlannedAct[] {
  const acts: PlannedAct[] = [];
  const busyUntilMs = new Map<string, number>();
  for (let atMs = random.whole(...gapMs); atMs < durationMs; atMs += random.whole(...gapMs)) {
    const account = random.pick(accounts);
    const kind = random.weighted(weights);
    const [leastMs, mostMs] = random.chance(0.35) ? longBanMs : shortBanMs;
    const banMs = random.whole(leastMs, mostMs);
    const by = kind === "ban" && random.chance(0.3) ? "SQL" : "admin port";
    const forMs = kind === "ban" ? Math.min(banMs, durationMs - atMs) : 0;
    const banned = acts.filter((act) => act.kind === "ban" && act.atMs + act.forMs > atMs).length;
    const isTooMany = kind === "ban" && banned + 1 > accounts.length * bannedShareMax;
    if (isTooMany || atMs < (busyUntilMs.get(account) ?? 0)) continue;
    busyUntilMs.set(account, atMs + forMs + restMs);
    acts.push({ kind, account, by, atMs, forMs });
  }
  return acts;
}

/** The first acts on authors come soon, so that servers that accept tokens learn of them in a short run too. */
const authorFirstMs = [500, 4_000] as const;
const authorRestMs = [30_000, 90_000] as const;
const authorBanMs = [1_000, 10_000] as const;

/** Bans and new passwords, in turn for each account: both end identity tokens. */
export function planAuthorActs(random: Random, { accounts, durationMs }: Of): PlannedAct[] {
  return accounts.flatMap((account, index) => {
    const acts: PlannedAct[] = [];
    for (let atMs = random.whole(...authorFirstMs); atMs < durationMs; ) {
      const kind = (acts.length + index) % 2 === 0 ? "ban" : "password";
      const by = kind === "ban" && random.chance(0.5) ? "SQL" : "admin port";
      const forMs = kind === "ban" ? Math.min(random.whole(...authorBanMs), durationMs - atMs) : 0;
      acts.push({ kind, account, by, atMs, forMs });
      atMs += forMs + random.whole(...authorRestMs);
    }
    return acts;
  });
}

const words: { readonly [K in PlannedAct["kind"]]: string } = {
  ban: "banned",
  kick: "kicked",
  rename: "its character renamed",
  password: "given a new password",
  "password and leave": "given a new password, and its logins ended",
};

export const describeAct = ({ kind, account, by }: Pick<PlannedAct, "kind" | "account" | "by">): string =>
  `${account} ${words[kind]}${by === "SQL" ? " by SQL" : ""}`;
