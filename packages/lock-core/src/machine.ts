/*
 * A lock is a value, and its rules are a table of states and commands. A cell of the table is either a
 * refusal or a move. The compiler reports a missing cell, so no case can be forgotten.
 *
 * Nothing here reads a clock, draws a random number or does I/O. The time comes in as `at.nowMs`, on the
 * store's clock. Ids and fences come in with the command, and the consequences go out as effects. Effects are
 * hints: if a process crashes after the write and before the effect, the effect is lost, and a deadline or a
 * fence corrects the case later.
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
  /** If `next` is the same object as the given lock, nothing is written. */
  | { readonly ok: true; readonly next: Lock; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Move<Lock extends InState, From extends InState, Command, Effect, Refusal, Facts> {
  /**
   * The states to which `step` can lead, for the diagram. A test compares them with the results of `step`.
   */
  readonly to: readonly Lock["state"][];
  step(lock: From, command: Command, at: Facts): Decision<Lock, Effect, Refusal>;
}

/** `Facts` is what a step may know beside the state and the command. */
export type StateTable<Lock extends InState, Command extends Typed, Effect, Refusal extends string, Facts> = {
  readonly [S in Lock["state"]]: {
    readonly [C in Command["type"]]:
      | Move<Lock, Extract<Lock, { state: S }>, Extract<Command, { type: C }>, Effect, Refusal, Facts>
      | Refusal;
  };
};

export type LockTable<
  Lock extends InState,
  Command extends Typed,
  Effect,
  Refusal extends string,
  Timing,
> = StateTable<Lock, Command, Effect, Refusal, At<Timing>>;

export interface LockCore<Lock extends object, Command, Effect, Refusal extends string> {
  /** The state of a lock that is not stored: free or absent. */
  readonly initial: Lock;
  decide(lock: Lock, command: Command, at: { readonly nowMs: number }): Decision<Lock, Effect, Refusal>;
  /** `deadlineOf`, `ownerOf` and `isInitial` may use only the lock: the store keeps their results. */
  deadlineOf(lock: Lock): number | null;
  ownerOf(lock: Lock): string | null;
  isInitial(lock: Lock): boolean;
  /** Whether a stored object is a lock of this kind, with all fields that `decide` uses. */
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

export function decideBy<Lock extends InState, Command extends Typed, Effect, Refusal extends string, Facts>(
  table: StateTable<Lock, Command, Effect, Refusal, Facts>,
  lock: Lock,
  command: Command,
  at: Facts,
): Decision<Lock, Effect, Refusal> {
  // `StateTable` guarantees that the cell fits the state and the command, but TypeScript cannot see it here.
  const cell = table[lock.state as Lock["state"]][command.type as Command["type"]] as
    | Move<Lock, Lock, Command, Effect, Refusal, Facts>
    | Refusal;
  return typeof cell === "string" ? no(cell) : cell.step(lock, command, at);
}

/** A server in one of its incarnations. A restarted server owns nothing until it reclaims its locks. */
export interface Owner {
  readonly server: string;
  readonly incarnation: string;
}

export const isSameOwner = (a: Owner, b: Owner): boolean => a.incarnation === b.incarnation;

/** A server that came back, and its earlier incarnations from which it may reclaim locks. */
export interface Claimant extends Owner {
  readonly earlier: readonly string[];
}

/** A claimant names its earlier incarnations, so its delayed claim cannot take a newer incarnation's lock. */
const isEarlierIncarnation = (owner: Owner, by: Claimant): boolean =>
  owner.server === by.server && by.earlier.includes(owner.incarnation);

export const mayClaim = (owner: Owner, by: Claimant): boolean =>
  isSameOwner(owner, by) || isEarlierIncarnation(owner, by);

export const asOwner = ({ server, incarnation }: Owner): Owner => ({ server, incarnation });

/** The ids that a client receives at login and shows at each door. */
export interface LoginIds {
  readonly loginId1: number;
  readonly loginId2: number;
  readonly sex: "female" | "male";
  /** Marks the log lines of one login on all servers. A trace is no secret and gives no access. */
  readonly trace?: string;
}

export const idsOf = ({ loginId1, loginId2, sex, trace }: LoginIds): LoginIds =>
  trace === undefined ? { loginId1, loginId2, sex } : { loginId1, loginId2, sex, trace };

export const areSameIds = (a: LoginIds, b: LoginIds): boolean =>
  a.loginId1 === b.loginId1 && a.loginId2 === b.loginId2 && a.sex === b.sex;
