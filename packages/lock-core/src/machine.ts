/*
 * A lock is a value, and its rules are a table of state × command. A cell is either the word of a refusal or
 * a move. A missing cell does not compile, so every case was decided by somebody.
 *
 * Nothing here reads a clock, draws a random number or does I/O: time comes in as `at.nowMs` (the store's
 * clock), ids and fences come in with the command, and the consequences go out as effects. Effects are hints:
 * a crash between the write and the effect loses the effect, and then a deadline or a fence takes care of it.
 */

export interface At<Timing> {
  /** The time on the store's clock. */
  readonly nowMs: number;
  readonly timing: Timing;
}

interface InState {
  readonly state: string;
}
interface Typed {
  readonly type: string;
}

export type Decision<Lock, Effect, Refusal> =
  /** If `next` is the same object as the lock before, nothing changes and nothing is written. */
  | { readonly ok: true; readonly next: Lock; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Move<Lock extends InState, From extends InState, Command, Effect, Refusal, Timing> {
  /**
   * Every state that `step` may lead to. The diagram is drawn from it, and a test checks it against `step`.
   */
  readonly to: readonly Lock["state"][];
  step(lock: From, command: Command, at: At<Timing>): Decision<Lock, Effect, Refusal>;
}

export type LockTable<Lock extends InState, Command extends Typed, Effect, Refusal extends string, Timing> = {
  readonly [S in Lock["state"]]: {
    readonly [C in Command["type"]]:
      | Move<Lock, Extract<Lock, { state: S }>, Extract<Command, { type: C }>, Effect, Refusal, Timing>
      | Refusal;
  };
};

/** The rules of one kind of lock: pure, without clock, I/O or randomness. */
export interface LockCore<Lock extends object, Command, Effect, Refusal extends string> {
  /** The lock when nothing is stored: free, or absent. */
  readonly initial: Lock;
  decide(lock: Lock, command: Command, at: { readonly nowMs: number }): Decision<Lock, Effect, Refusal>;
  /**
   * The results of this and the next two functions must depend only on the lock: the store keeps their
   * results beside the value.
   */
  deadlineOf(lock: Lock): number | null;
  ownerOf(lock: Lock): string | null;
  isInitial(lock: Lock): boolean;
  /** Whether a stored object is one of these locks, as far as `decide` needs. */
  isLock(stored: object): boolean;
}

export const go = <Lock, Effect = never>(
  next: Lock,
  ...effects: readonly Effect[]
): { readonly ok: true; readonly next: Lock; readonly effects: readonly Effect[] } => ({
  ok: true,
  next,
  effects,
});

export const no = <const Refusal extends string>(
  refusal: Refusal,
): { readonly ok: false; readonly refusal: Refusal } => ({ ok: false, refusal });

export function decideBy<Lock extends InState, Command extends Typed, Effect, Refusal extends string, Timing>(
  table: LockTable<Lock, Command, Effect, Refusal, Timing>,
  lock: Lock,
  command: Command,
  at: At<Timing>,
): Decision<Lock, Effect, Refusal> {
  // Indexing at run time loses the link between state and command; `LockTable` guarantees it.
  const cell = table[lock.state as Lock["state"]][command.type as Command["type"]] as
    | Move<Lock, Lock, Command, Effect, Refusal, Timing>
    | Refusal;
  return typeof cell === "string" ? no(cell) : cell.step(lock, command, at);
}

/**
 * A server in one of its incarnations. Locks belong to an incarnation: a restarted server owns nothing until
 * it reclaims.
 */
export interface Owner {
  readonly server: string;
  readonly incarnation: string;
}

export const isSameOwner = (a: Owner, b: Owner): boolean => a.incarnation === b.incarnation;

/** A server that came back, with the earlier incarnations from which it may reclaim locks. */
export interface Claimant extends Owner {
  readonly earlier: readonly string[];
}

/**
 * Earlier incarnations are named one by one: a late request of an earlier one must not take a lock from a
 * later one.
 */
const isOfEarlierLife = (owner: Owner, by: Claimant): boolean =>
  owner.server === by.server && by.earlier.includes(owner.incarnation);

export const mayClaim = (owner: Owner, by: Claimant): boolean =>
  isSameOwner(owner, by) || isOfEarlierLife(owner, by);

export const lifeOf = ({ server, incarnation }: Owner): Owner => ({ server, incarnation });

/** The pair of ids that a client carries between doors. */
export interface LoginIds {
  readonly loginId1: number;
  readonly loginId2: number;
  readonly sex: "female" | "male";
  /**
   * Marks the log lines of all servers about one login. A trace gives access to nothing and has no other
   * information.
   */
  readonly trace?: string;
}

export const idsOf = ({ loginId1, loginId2, sex, trace }: LoginIds): LoginIds =>
  trace === undefined ? { loginId1, loginId2, sex } : { loginId1, loginId2, sex, trace };

export const areSameIds = (a: LoginIds, b: LoginIds): boolean =>
  a.loginId1 === b.loginId1 && a.loginId2 === b.loginId2 && a.sex === b.sex;
