/*
 * A lock is a value, and its rules are a table of states and commands. A cell of the table is either a
 * refusal or a move. The compiler reports a missing cell, so no case can be forgotten.
 *
 * Nothing here reads a clock, draws a random number or does I/O. A lock holds no time: the store keeps its
 * deadline beside it. A decision says what the change does to the deadline, and whether the deadline must
 * have passed. The store judges both on its own clock when it makes the change. Ids and fences come in with
 * the command, and the consequences go out as effects. Effects are hints: if a process crashes after the
 * write and before the effect, the effect is lost, and a deadline or a fence corrects the case later.
 */

interface InState {
  readonly state: string;
}
interface Typed {
  readonly type: string;
}

/**
 * `inMs` is counted from the moment when the store makes the change. `atMs` is a time on the store's clock.
 */
export type NewDeadline = { readonly inMs: number } | { readonly atMs: number } | "keep" | "none";

/** A lock is due when its deadline has passed. A lock without a deadline is never due. */
export type Dueness = "due" | "not-due";

/**
 * The store makes the change only if the lock is as `is` says. If not, the answer is the refusal `otherwise`.
 */
export interface Condition<Refusal> {
  readonly is: Dueness;
  readonly otherwise: Refusal;
}

export type Decision<Lock, Effect, Refusal> =
  | { readonly ok: true; readonly next: Lock; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** This decision contains everything that a store needs to make the change. */
export type Decided<Lock, Effect, Refusal> =
  | {
      readonly ok: true;
      /** If this is the same object as the given lock and the deadline is kept, the store writes nothing. */
      readonly next: Lock;
      readonly effects: readonly Effect[];
      readonly deadline: NewDeadline;
      readonly when: Condition<Refusal> | undefined;
    }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Move<Lock extends InState, From extends InState, Command, Effect, Refusal, Facts> {
  /**
   * `step` can lead to these states. The diagram shows them, and a test compares them with the results of
   * `step`.
   */
  readonly to: readonly Lock["state"][];
  /** True: the full time of the state begins again, although the state stays the same. */
  readonly restarts?: true;
  /** The move is refused unless the lock meets this condition. */
  readonly when?: Condition<Refusal>;
  step(lock: From, command: Command, at: Facts): Decision<Lock, Effect, Refusal>;
}

/** A step knows the state, the command and these `Facts`. */
export type StateTable<Lock extends InState, Command extends Typed, Effect, Refusal extends string, Facts> = {
  readonly [S in Lock["state"]]: {
    readonly [C in Command["type"]]:
      | Move<Lock, Extract<Lock, { state: S }>, Extract<Command, { type: C }>, Effect, Refusal, Facts>
      | Refusal;
  };
};

/** The store keeps the deadline of such a lock. A step does not know the time. */
export type LockTable<
  Lock extends InState,
  Command extends Typed,
  Effect,
  Refusal extends string,
> = StateTable<Lock, Command, Effect, Refusal, undefined>;

/** Each state has the name of the time that a lock can stay in it. Null: the state has no deadline. */
export type Durations<Lock extends InState, Timing> = { readonly [S in Lock["state"]]: keyof Timing | null };

/** A decision about a stored lock knows these facts. */
export interface AtStore {
  /** The time on the store's clock. Only locks that hold times use it. */
  readonly nowMs: number;
  /**
   * True: the store has lost its locks, and their owners are restoring them. A lock that looks free may still
   * have an owner.
   */
  readonly isRestoring: boolean;
}

export interface LockCore<Lock extends object, Command, Effect, Refusal extends string> {
  /** A lock that is not stored has this value: free or absent. */
  readonly initial: Lock;
  decide(lock: Lock, command: Command, at: AtStore): Decided<Lock, Effect, Refusal>;
  /**
   * The store keeps the results of `ownerOf` and `isInitial`. So both must depend on nothing but the lock.
   */
  ownerOf(lock: Lock): string | null;
  isInitial(lock: Lock): boolean;
  /** Returns true if a stored object is a lock of this kind with all fields that `decide` uses. */
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

function cellOf<Lock extends InState, Command extends Typed, Effect, Refusal extends string, Facts>(
  table: StateTable<Lock, Command, Effect, Refusal, Facts>,
  lock: Lock,
  command: Command,
) {
  // `StateTable` guarantees that the cell fits the state and the command, but TypeScript cannot see it here.
  return table[lock.state as Lock["state"]][command.type as Command["type"]] as
    | Move<Lock, Lock, Command, Effect, Refusal, Facts>
    | Refusal;
}

export function decideBy<Lock extends InState, Command extends Typed, Effect, Refusal extends string, Facts>(
  table: StateTable<Lock, Command, Effect, Refusal, Facts>,
  lock: Lock,
  command: Command,
  at: Facts,
): Decision<Lock, Effect, Refusal> {
  const cell = cellOf(table, lock, command);
  return typeof cell === "string" ? no(cell) : cell.step(lock, command, at);
}

/** Decides by the table. Each state of the lock lasts as long as `durations` says. */
export const decideWithin =
  <Lock extends InState, Command extends Typed, Effect, Refusal extends string, Timing>(
    table: LockTable<Lock, Command, Effect, Refusal>,
    durations: Durations<Lock, Timing>,
    timing: { readonly [Name in keyof Timing]: number },
  ) =>
  (lock: Lock, command: Command): Decided<Lock, Effect, Refusal> => {
    const cell = cellOf(table, lock, command);
    if (typeof cell === "string") return no(cell);
    const decision = cell.step(lock, command, undefined);
    if (!decision.ok) return decision;
    const isSameState = decision.next.state === lock.state && cell.restarts !== true;
    const deadline = isSameState ? "keep" : deadlineIn(decision.next, durations, timing);
    const { next, effects } = decision;
    return { ok: true, next, effects, deadline, when: cell.when };
  };

/** Returns the deadline that a lock gets when its state begins. */
export function deadlineIn<Lock extends InState, Timing>(
  lock: Lock,
  durations: Durations<Lock, Timing>,
  timing: { readonly [Name in keyof Timing]: number },
): NewDeadline {
  const name = durations[lock.state as Lock["state"]];
  return name === null ? "none" : { inMs: timing[name] };
}

/** A server in one of its incarnations. A restarted server owns nothing until it reclaims its locks. */
export interface Owner {
  readonly server: string;
  readonly incarnation: string;
}

export const isSameOwner = (a: Owner, b: Owner): boolean => a.incarnation === b.incarnation;

/** A claimant is a server that came back. It can reclaim the locks of its earlier incarnations. */
export interface Claimant extends Owner {
  readonly earlier: readonly string[];
}

/** A claimant names its earlier incarnations, so its delayed claim cannot take a newer incarnation's lock. */
const isEarlierIncarnation = (owner: Owner, by: Claimant): boolean =>
  owner.server === by.server && by.earlier.includes(owner.incarnation);

export const mayClaim = (owner: Owner, by: Claimant): boolean =>
  isSameOwner(owner, by) || isEarlierIncarnation(owner, by);

export const asOwner = ({ server, incarnation }: Owner): Owner => ({ server, incarnation });

/** What the client of an evicted lock is told. The locks keep it and pass it on; it decides nothing. */
export interface Told {
  readonly reason: string;
  /** Milliseconds since 1970. Null: it has no end, or the reason has none. */
  readonly untilMs: number | null;
  readonly text: string | null;
}

/** Keeps the old object if nothing changes, so that a repeated eviction writes nothing. */
export const told = <L extends { readonly told?: Told }>(lock: L, now: Told | undefined): L => {
  const { reason, untilMs, text } = lock.told ?? {};
  const isSame = now === undefined || (reason === now.reason && untilMs === now.untilMs && text === now.text);
  return isSame ? lock : { ...lock, told: now };
};

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
