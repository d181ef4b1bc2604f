/*
 * A lock is a value; what may happen to it is a table of state × command. A cell is either the word of a
 * refusal or a move. A missing cell does not compile, so there is no case that nobody decided.
 *
 * Nothing here reads a clock, draws a random number or does I/O: time comes in as `at.nowMs` (the store's clock),
 * ids and fences come in with the command, and what should happen next goes out as effects. Effects are hints:
 * a crash between the write and the effect loses it, and then a deadline or a fence does its work.
 */

export interface At<Timing> {
  /** On the store's clock. */
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
  | { readonly ok: true; readonly next: Lock; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Move<Lock extends InState, From extends InState, Command, Effect, Refusal, Timing> {
  /** Every state that `step` may lead to: the diagram is drawn from it, and a test holds it to the truth. */
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
  // The lookup by two names known only now loses which state and command the cell is for; the table's type has it.
  const cell = table[lock.state as Lock["state"]][command.type as Command["type"]] as
    | Move<Lock, Lock, Command, Effect, Refusal, Timing>
    | Refusal;
  return typeof cell === "string" ? no(cell) : cell.step(lock, command, at);
}

/** A server, and one life of it. Locks belong to a life: a restarted server owns nothing until it reclaims. */
export interface Owner {
  readonly server: string;
  readonly incarnation: string;
}

export const isSameOwner = (a: Owner, b: Owner): boolean => a.incarnation === b.incarnation;

/** A server that came back, with those of its earlier lives whose locks it may take over. */
export interface Claimant extends Owner {
  readonly earlier: readonly string[];
}

/** Named one by one: what an earlier life asked for late must not take a lock from a later one. */
const isOfEarlierLife = (owner: Owner, by: Claimant): boolean =>
  owner.server === by.server && by.earlier.includes(owner.incarnation);

export const mayClaim = (owner: Owner, by: Claimant): boolean =>
  isSameOwner(owner, by) || isOfEarlierLife(owner, by);

export const lifeOf = ({ server, incarnation }: Owner): Owner => ({ server, incarnation });

/** What a client carries between doors. */
export interface LoginIds {
  readonly loginId1: number;
  readonly loginId2: number;
  readonly sex: "female" | "male";
  /** Says nothing and opens nothing: by it the log lines of all servers about one login are found. */
  readonly trace?: string;
}

export const idsOf = ({ loginId1, loginId2, sex, trace }: LoginIds): LoginIds =>
  trace === undefined ? { loginId1, loginId2, sex } : { loginId1, loginId2, sex, trace };

export const areSameIds = (a: LoginIds, b: LoginIds): boolean =>
  a.loginId1 === b.loginId1 && a.loginId2 === b.loginId2 && a.sex === b.sex;
