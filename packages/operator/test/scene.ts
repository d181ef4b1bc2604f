import type { FoundAccount } from "@sallyport/database";
import type { AccountLock, CharacterLock } from "@sallyport/lock-core";

/* There is one lock here for each state. The locks contain secrets that must never be shown. */

export const storeNowMs = 1_000_000;
export const secrets = ["4000000001", "4000000002", "c00c1e"] as const;

const ids = { loginId1: 4_000_000_001, loginId2: 4_000_000_002, sex: "male", trace: "feedbeef0001" } as const;
const owner = { server: "alpha", incarnation: "char-life" };
const onMap = {
  ...ids,
  accountFence: 3,
  owner: { server: "map-1", incarnation: "map-life" },
  charId: 150_000,
  charFence: 2,
} as const;
const target = { server: "map-2", incarnation: "map-2-life" };
const deadlineMs = storeNowMs + 12_000;

/** Returns the deadline that the store keeps beside a lock in this state. */
export const deadlineBeside = ({ state }: { readonly state: string }): number | null =>
  state === "held" || state === "playing" ? null : deadlineMs;

type Each<Lock extends { readonly state: string }> = {
  readonly [S in Exclude<Lock["state"], "free">]: Extract<Lock, { readonly state: S }>;
};

export const accountLocks: Each<AccountLock> = {
  granted: { state: "granted", ...ids, fence: 3 },
  held: { state: "held", ...ids, fence: 3, owner },
  evicting: { state: "evicting", ...ids, fence: 3, owner },
};

const process = { server: "alpha", incarnation: "char-process" };
const atChar = { ...ids, accountFence: 3, owner: process } as const;

export const characterLocks: Each<CharacterLock> = {
  choosing: { state: "choosing", ...atChar },
  returning: { state: "returning", ...atChar },
  "handing-over": { state: "handing-over", ...atChar, charId: 150_000, target },
  entering: { state: "entering", ...onMap },
  playing: { state: "playing", ...onMap },
  hopping: { state: "hopping", ...onMap, target },
  evicting: { state: "evicting", ...onMap },
};

export const wallNowMs = Date.parse("2026-11-21T16:30:00Z");

export const account: FoundAccount = {
  accountId: 2_000_000,
  name: "walker",
  email: null,
  isEmailConfirmed: false,
  role: "player",
  banReason: null,
  bannedBy: null,
  mutedUntilMs: null,
  bannedUntilMs: null,
  createdMs: wallNowMs - 86_400_000,
  lastLoginMs: wallNowMs - 300_000,
  characters: [
    { charId: 150_000, name: "Wanda", world: "Alpha", map: "harbour", lastPlayedMs: wallNowMs - 60_000 },
  ],
};
