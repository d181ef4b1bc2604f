import {
  type AccountCommand,
  type AccountLock,
  type CharacterCommand,
  type CharacterLock,
  type Claimant,
  defaultLockTiming,
  type LockTiming,
  type LoginIds,
  type Owner,
  type ServerCommand,
  type ServerLock,
} from "../src/index.ts";
import type { Timed } from "./timed-core.ts";

/*
 * Here are a lock in every state and a command of every kind. They fit each other, so a test changes only the
 * fields that it is about.
 */

/** Every timer has a different length, so that the deadline of a lock shows which timer it has. */
export const timing: LockTiming = {
  ...defaultLockTiming,
  loginToCharMs: 31_000,
  charToMapMs: 32_000,
  mapToCharMs: 33_000,
  chooseMs: 60_000,
  handOverMs: 5_000,
  evictMs: 10_000,
  leaseMs: 15_000,
  reconnectMs: 16_000,
  reclaimMs: 17_000,
};

export const nowMs = 1_000_000;
export const at = { nowMs, timing };

export const alpha: Owner = { server: "alpha", incarnation: "alpha-1" };
/** This is `alpha` in its next incarnation. */
export const alphaAnew: Owner = { server: "alpha", incarnation: "alpha-2" };
/** This is `alpha` after it came back. It may reclaim the locks of its earlier incarnation. */
export const alphaBack: Claimant = { ...alphaAnew, earlier: ["alpha-1"] };
export const beta: Owner = { server: "beta", incarnation: "beta-1" };
export const map: Owner = { server: "map", incarnation: "map-1" };
export const mapAnew: Owner = { server: "map", incarnation: "map-2" };
const mapBack: Claimant = { ...mapAnew, earlier: ["map-1"] };
export const otherMap: Owner = { server: "other", incarnation: "other-1" };

export const ids: LoginIds = { loginId1: 11, loginId2: 12, sex: "female" };
export const laterIds: LoginIds = { loginId1: 21, loginId2: 22, sex: "female" };

/** The sample locks that have a timer have this deadline. */
export const deadlineMs = nowMs + 500;
export const isDue = { nowMs: deadlineMs, timing };

export const refused = (refusal: string) => ({ ok: false, refusal });
export const becomes = (next: object, ...effects: object[]) => ({ ok: true, next, effects });
export const until = (lock: CharacterLock, afterMs: number) => ({ ...lock, deadlineMs: nowMs + afterMs });

type InState<Lock extends { state: string }> = {
  readonly [S in Lock["state"]]: Timed<Extract<Lock, { state: S }>>;
};
type OfType<Command extends { type: string }> = {
  readonly [C in Command["type"]]: Extract<Command, { type: C }>;
};

export const account: InState<AccountLock> = {
  free: { state: "free" },
  granted: { state: "granted", ...ids, fence: 7, deadlineMs },
  held: { state: "held", ...ids, fence: 7, owner: alpha },
  evicting: { state: "evicting", ...ids, fence: 7, owner: alpha, deadlineMs },
};

export const accountCommand: OfType<AccountCommand> = {
  grant: { type: "grant", ...laterIds, fence: 8 },
  hold: { type: "hold", owner: { ...alpha, earlier: [] }, ...ids },
  release: { type: "release", owner: alpha, loginId1: ids.loginId1 },
  evict: { type: "evict", fence: 8 },
  "put-out": { type: "put-out", fence: 7, told: { reason: "banned", untilMs: 5, text: "cheated" } },
  reclaim: { type: "reclaim", owner: alphaBack, ...ids },
  forfeit: { type: "forfeit", owner: alpha },
  expire: { type: "expire" },
};

const common = { ...ids, accountFence: 7 };
const owned = { owner: map, charId: 150, charFence: 3 };
const onMap = { ...common, ...owned };

export const character: InState<CharacterLock> = {
  free: { state: "free" },
  choosing: { state: "choosing", ...common, owner: alpha, deadlineMs },
  returning: { state: "returning", ...common, owner: alpha, deadlineMs },
  "handing-over": { state: "handing-over", ...common, owner: alpha, charId: 150, target: map, deadlineMs },
  entering: { state: "entering", ...onMap, deadlineMs },
  playing: { state: "playing", ...onMap },
  hopping: { state: "hopping", ...onMap, target: otherMap, deadlineMs },
  evicting: { state: "evicting", ...onMap, deadlineMs },
};

export const characterCommand: OfType<CharacterCommand> = {
  open: { type: "open", owner: alpha, ...common },
  renew: { type: "renew", owner: alpha },
  choose: { type: "choose", owner: alpha, loginId1: ids.loginId1, charId: 150, target: map },
  hop: { type: "hop", owner: map, charId: 150, charFence: 3, target: otherMap },
  acknowledge: { type: "acknowledge", owner: map, loginId1: ids.loginId1, charId: 150, charFence: 3 },
  decline: { type: "decline", target: map, loginId1: ids.loginId1, charId: 150 },
  enter: { type: "enter", owner: map, charId: 150, charFence: 3, loginId1: ids.loginId1 },
  return: { type: "return", from: map, charId: 150, charFence: 3, owner: alpha },
  abandon: { type: "abandon", owner: alpha, loginId1: ids.loginId1 },
  leave: { type: "leave", owner: map, charId: 150, charFence: 3 },
  evict: { type: "evict" },
  reclaim: { type: "reclaim", owner: mapBack, charId: 150, charFence: 3, loginId1: ids.loginId1 },
  forfeit: { type: "forfeit", owner: map },
  expire: { type: "expire" },
};

/** The locks have these effects on other servers if the character is on a map. */
export const characterEffect = {
  kick: { type: "kick", ...owned },
  lost: { type: "lost", ...owned },
  "kick-client": { type: "kick-client", loginId1: ids.loginId1 },
  "release-account": { type: "release-account", loginId1: ids.loginId1 },
};

export const server: InState<ServerLock> = {
  absent: { state: "absent" },
  connected: { state: "connected", incarnation: "alpha-1", cookieHash: "c1", deadlineMs },
  away: { state: "away", incarnation: "alpha-1", cookieHash: "c1", deadlineMs },
};
/** The server is in its second incarnation. Locks of its first incarnation are not reclaimed yet. */
export const reclaiming = {
  state: "connected",
  incarnation: "alpha-2",
  cookieHash: "c2",
  earlier: ["alpha-1"],
  shownCookieHash: "c1",
  deadlineMs: nowMs + 15_000,
  reclaimDeadlineMs: nowMs + 17_000,
} as const;

export const serverCommand: OfType<ServerCommand> = {
  connect: { type: "connect", incarnation: "alpha-2", cookieHash: "c2" },
  renew: { type: "renew", incarnation: "alpha-1" },
  disconnect: { type: "disconnect", incarnation: "alpha-1" },
  reconnect: {
    type: "reconnect",
    isCookieRight: true,
    cookieHash: "c1",
    incarnation: "alpha-2",
    nextCookieHash: "c2",
  },
  reclaimed: { type: "reclaimed", incarnation: "alpha-1" },
  release: { type: "release", incarnation: "alpha-1" },
  expire: { type: "expire" },
};
