import { accountLockKey, characterLockKey } from "@sallyport/lock-core";
import { type Disturbances, nameOf, pathOf, wholePathOf } from "../disturbances.ts";
import type { SaidMessage, StoredLock } from "../facts.ts";
import { worldOf } from "../topology.ts";
import type { Checker, Rules } from "./checker.ts";

interface Play {
  readonly life: string;
  readonly accountId: number;
  readonly loginId1: number;
  readonly charId: number;
  readonly charFence: number;
  /** When each of the two locks became free or went to another owner. Null if the lock is not lost. */
  readonly lostMs: { character: number | null; account: number | null };
  toldMs: number | null;
}

type Kind = keyof Play["lostMs"];

export interface InPlayOptions {
  readonly disturbances: Disturbances;
  /**
   * Returns the characters that a process of a map-server believes it has, or null if the process has ended.
   */
  readonly charIdsOf: (life: string) => readonly number[] | null;
  /** Milliseconds for which a server without its link relies on its locks. */
  readonly holdMs: number;
  readonly evictMs: number;
}

/** Maximum milliseconds for a message and the messages in front of it. */
const toldMs = 200;
/**
 * A hop may take this long. If a lock is lost during a hop, the map-server learns it only at the end of the
 * hop.
 */
const goMs = 2_000;

/**
 * A map-server owns the lock of each character that it has in play, and the lock of the character's account
 * belongs to the character's login. So no character is in play on two map-servers. When one of these locks is
 * lost, the map-server is told at once. If nobody can tell it, it gives the character up within the time for
 * which servers without a link rely on their locks.
 */
export class InPlay implements Checker {
  readonly name = "in-play";
  readonly #options: InPlayOptions;
  readonly #plays = new Map<string, Play>();
  /** The key is a server process with a character. The value is the fence of the character's newest entry. */
  readonly #fences = new Map<string, number>();
  /**
   * The known locks. The key is a tier with the key of the lock. The value is null if the lock does not
   * exist.
   */
  readonly #locks = new Map<string, StoredLock | null>();

  constructor(options: InPlayOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    answered: ({ life, to, refusal, request }, nowMs) => {
      if (request.type === "map.enter" && refusal === null) this.#enter(life, request, nowMs);
      if (request.type === "character.save" && refusal === "lock-lost") this.#tell(to, request, nowMs);
      return null;
    },
    // After a loss, earlier knowledge of the tier's locks is void.
    "locks-lost": ({ tier }) => {
      for (const key of this.#locks.keys()) if (key.startsWith(`${tier} `)) this.#locks.delete(key);
      for (const { life, lostMs } of this.#plays.values()) {
        if (tier === "login") lostMs.account = null;
        else if (worldOf(nameOf(life)) === tier) lostMs.character = null;
      }
      return null;
    },
    "lock-changed": ({ tier, key, after }, nowMs) => {
      this.#locks.set(`${tier} ${key}`, after);
      for (const play of this.#plays.values()) {
        for (const kind of kinds) if (`${tier} ${key}` === keyOf(play, kind)) this.#look(play, kind, nowMs);
      }
      return null;
    },
    // After `character.forget`, the map-server only waits for the answer to its save.
    said: ({ life, to, message }, nowMs) => {
      if (message.type === "character.forget") this.#tell(to, message, nowMs);
      if (message.type === "character.enter")
        this.#fences.set(`${life} ${message.charId}`, message.charFence ?? 0);
      if (message.type === "character.leave") this.#plays.delete(`${life} ${message.charId}`);
      return this.#judge(nowMs);
    },
    stepped: ({ life, charId }, nowMs) =>
      this.#plays.has(`${life} ${charId}`)
        ? this.#judge(nowMs)
        : `character ${charId} took a step on ${life}, where it is not in play`,
  };

  #enter(life: string, { accountId = 0, loginId1 = 0, charId = 0 }: SaidMessage, nowMs: number): void {
    const charFence = this.#fences.get(`${life} ${charId}`) ?? 0;
    const lostMs = { character: null, account: null };
    const play: Play = { life, accountId, loginId1, charId, charFence, lostMs, toldMs: null };
    this.#plays.set(`${life} ${charId}`, play);
    for (const kind of kinds) this.#look(play, kind, nowMs);
  }

  #tell(life: string, { charId, charFence }: SaidMessage, nowMs: number): void {
    const play = this.#plays.get(`${life} ${charId}`);
    if (play !== undefined && play.charFence === charFence) play.toldMs ??= nowMs;
  }

  #look(play: Play, kind: Kind, nowMs: number): void {
    const lock = this.#locks.get(keyOf(play, kind));
    const isIts = lock === undefined || isOf[kind](lock, play);
    play.lostMs[kind] = isIts ? null : (play.lostMs[kind] ?? nowMs);
  }

  #judge(nowMs: number): string | null {
    for (const [key, play] of this.#plays) {
      if (play.toldMs !== null) {
        if (this.#options.charIdsOf(play.life)?.includes(play.charId) !== true) this.#plays.delete(key);
        else if (nowMs > this.#heardMs(play.life, play.toldMs, nowMs) + goMs)
          return `${play.life} still has character ${play.charId} ${Math.round(nowMs - play.toldMs)} ms after it was told of the loss`;
      }
      for (const kind of kinds) {
        const lostMs = play.lostMs[kind];
        if (lostMs === null) continue;
        if (this.#options.charIdsOf(play.life)?.includes(play.charId) !== true) this.#plays.delete(key);
        else if (nowMs > this.#untilMs(play, kind, lostMs, nowMs))
          return `${play.life} still has character ${play.charId} ${Math.round(nowMs - lostMs)} ms after it lost its ${kind} lock`;
      }
    }
    return null;
  }

  #heardMs(life: string, toldMs: number, nowMs: number): number {
    const lastMs = this.#options.disturbances.lastMs(pathOf(life), nowMs) ?? toldMs;
    return Math.max(toldMs, lastMs);
  }

  #untilMs({ life }: Play, kind: Kind, lostMs: number, nowMs: number): number {
    const { disturbances, holdMs, evictMs } = this.#options;
    const path = wholePathOf(life);
    if (disturbances.areCalm(path, lostMs)) return lostMs + toldMs;
    const fromMs = Math.max(lostMs, disturbances.lastMs(path, nowMs) ?? lostMs);
    // After the loss of the account's lock, the char-server first asks the client to leave, which takes
    // longer.
    return fromMs + holdMs + (kind === "account" ? holdMs + evictMs : 0);
  }
}

const kinds: readonly Kind[] = ["character", "account"];

const keyOf = ({ life, accountId }: Play, kind: Kind): string =>
  kind === "account"
    ? `login ${accountLockKey(accountId)}`
    : `${worldOf(nameOf(life))} ${characterLockKey(accountId)}`;

const isOf: { readonly [K in Kind]: (lock: StoredLock | null, play: Play) => boolean } = {
  character: (lock, { life, charId }) => lock?.owner?.server === nameOf(life) && lock.charId === charId,
  account: (lock, { loginId1 }) => lock?.owner !== undefined && lock.loginId1 === loginId1,
};
