import fc from "fast-check";
import { expect } from "vitest";
import type { Decision, LoginIds, Owner } from "../src/index.ts";
import { nowMs as begins, ids, laterIds, timing } from "./sample-locks.ts";

/*
 * A program is a list of random commands on one lock, which begins in any state. Most commands are aimed: all
 * their fields, or all except one, fit the present lock. So programs reach distant states.
 */

interface InState {
  readonly state: string;
}
interface Typed {
  readonly type: string;
}
interface Table {
  readonly [state: string]: { readonly [command: string]: string | { readonly to: readonly string[] } };
}

export interface Subject<Lock extends InState, Command extends Typed, Effect extends Typed> {
  readonly table: Table;
  readonly initial: Lock;
  /** Has one lock for each state. Programs begin with these locks at the time `nowMs`. */
  readonly samples: { readonly [S in Lock["state"]]: Lock };
  readonly decide: (
    lock: Lock,
    command: Command,
    at: { readonly nowMs: number },
  ) => Decision<Lock, Effect, string>;
  readonly deadlineOf: (lock: Lock) => number | null;
  readonly ownerOf: (lock: Lock) => string | null;
  readonly commands: fc.Arbitrary<Command>;
  /** Returns the same command with the fields that its rightful sender would use for this lock. */
  readonly aim: (command: Command, lock: Lock) => Command;
  readonly refusals: readonly string[];
  /** Locks in these states have a deadline. */
  readonly timed: readonly Lock["state"][];
  /** Returns the rules that an accepted command has violated. */
  readonly wrongs: (step: Step<Lock, Command, Effect>) => readonly Wrong[];
}

/** A text describes a violation. Any other value means that there is none. */
export type Wrong = string | boolean | undefined;

export interface Step<Lock, Command, Effect> {
  readonly before: Lock;
  readonly command: Command;
  readonly next: Lock;
  readonly effects: readonly Effect[];
  readonly nowMs: number;
}

/** Tests the table with the same programs in each run, and with programs that differ in each run. */
export function holds<Lock extends InState, Command extends Typed, Effect extends Typed>(
  subject: Subject<Lock, Command, Effect>,
): void {
  holdsForKnown(subject);
  run(subject, Math.floor(Math.random() * 2 ** 31));
}

/**
 * Tests the table with the same programs in each run, so that bad luck cannot hide a fault. The programs must
 * reach everything that the table declares, because they prove nothing about the rest.
 */
export function holdsForKnown<Lock extends InState, Command extends Typed, Effect extends Typed>(
  subject: Subject<Lock, Command, Effect>,
): void {
  const seen = run(subject, 1);
  expect(subject.refusals.filter((word) => !seen.has(word))).toEqual([]);
  expect(declaredBy(subject.table).filter((mark) => !seen.has(mark))).toEqual([]);
}

/**
 * Runs random programs. The same seed gives the same programs. Returns the marks of all refusals and moves
 * that occurred.
 */
function run<Lock extends InState, Command extends Typed, Effect extends Typed>(
  subject: Subject<Lock, Command, Effect>,
  seed: number,
): ReadonlySet<string> {
  const timers = Object.values(timing);
  const pass = fc.oneof(
    { weight: 14, arbitrary: fc.constant<Pass>(0) },
    { weight: 2, arbitrary: fc.constantFrom<Pass>("until just before it is due", "until it is due") },
    { weight: 1, arbitrary: fc.constantFrom<Pass>(1, ...timers, ...timers.map((ms) => ms - 1)) },
  );
  const how = fc.constantFrom(
    "aimed",
    "aimed",
    "aimed but for one thing",
    "aimed but for one thing",
    "drawn",
  );
  const step = fc.record({ pass, drawn: subject.commands, how, but: fc.nat(9) });
  const program = fc.array(step, { minLength: 1, maxLength: 15, size: "max" });
  const seen = new Set<string>();

  fc.assert(
    fc.property(fc.constantFrom(...Object.values<Lock>(subject.samples)), program, (first, steps) => {
      let lock = frozen(first);
      let nowMs = begins;
      for (const { pass, drawn, how, but } of steps) {
        nowMs = after(pass, nowMs, subject.deadlineOf(lock));
        const aimed = how === "drawn" ? drawn : subject.aim(drawn, lock);
        const command = frozen(how === "aimed" ? aimed : { ...aimed, ...oneOf(drawn, but) });
        const decision = decide(subject, lock, command, nowMs);
        const result = decision.ok ? decision.next.state : decision.refusal;
        seen.add(`${lock.state} × ${command.type} → ${result}`).add(result);
        const wrongs = wrongsOf(subject, lock, command, decision, nowMs).filter(
          (wrong) => typeof wrong === "string",
        );
        if (wrongs.length > 0) throw new Error(`${wrongs.join("; ")}: ${text({ lock, command, decision })}`);
        if (decision.ok) lock = decision.next;
      }
    }),
    { numRuns: 8_000, includeErrorInReport: true, seed },
  );
  return seen;
}

/** Returns one field of the command with its value. */
function oneOf(command: Typed, index: number): object {
  const { type: _, ...rest } = command;
  const fields = Object.entries(rest);
  return Object.fromEntries(fields.slice(index % (fields.length || 1)).slice(0, 1));
}

/** A number is a time in milliseconds. A text is a time that depends on the lock's deadline. */
type Pass = number | "until just before it is due" | "until it is due";

function after(pass: Pass, nowMs: number, deadlineMs: number | null): number {
  if (typeof pass === "number") return nowMs + pass;
  return Math.max(nowMs, (deadlineMs ?? nowMs) - Number(pass !== "until it is due"));
}

/**
 * Checks that two decisions about the same input are equal. The input is frozen, so a change of it would
 * throw.
 */
function decide<Lock extends InState, Command extends Typed, Effect extends Typed>(
  subject: Subject<Lock, Command, Effect>,
  lock: Lock,
  command: Command,
  nowMs: number,
): Decision<Lock, Effect, string> {
  const decision = frozen(subject.decide(lock, command, { nowMs }));
  const again = subject.decide(lock, command, { nowMs });
  if (!same(again, decision)) throw new Error(`decided in two ways: ${text({ lock, command, again })}`);
  return decision;
}

/** Returns the violated rules: those that all tables share, and those of this table. */
function wrongsOf<Lock extends InState, Command extends Typed, Effect extends Typed>(
  { table, initial, timed, deadlineOf, ownerOf, wrongs }: Subject<Lock, Command, Effect>,
  before: Lock,
  command: Command,
  decision: Decision<Lock, Effect, string>,
  nowMs: number,
): Wrong[] {
  const cell = table[before.state]?.[command.type];
  const deadlineMs = deadlineOf(before);
  const isDue = deadlineMs !== null && nowMs >= deadlineMs;
  if (!decision.ok) {
    return [
      typeof cell === "string" && decision.refusal !== cell && `refused, but not as ${cell}`,
      command.type === "expire" && isDue && "due, and not expired",
    ];
  }
  const { next, effects } = decision;
  const isEmpty = next.state === initial.state;
  return [
    (typeof cell !== "object" || !cell.to.includes(next.state)) && "went where the table does not say",
    (deadlineOf(next) !== null) !== timed.includes(next.state) && "has a timer too many, or none",
    isEmpty && (!same(next, initial) || ownerOf(next) !== null) && "has no owner, but is not empty",
    command.type === "expire" && !isDue && "expired before its deadline",
    command.type === "evict" &&
      next.state === before.state &&
      deadlineOf(next) !== deadlineMs &&
      "got more time",
    ...wrongs({ before, command, next, effects, nowMs }),
  ];
}

/** Returns the marks of every refusal and every next state that the cells declare. */
function declaredBy(table: Table): string[] {
  return Object.entries(table).flatMap(([state, cells]) =>
    Object.entries(cells).flatMap(([command, cell]) =>
      (typeof cell === "string" ? [cell] : cell.to).map((result) => `${state} × ${command} → ${result}`),
    ),
  );
}

/**
 * Generates all kinds of commands equally often, unless they have a weight. Commands that lead to distant
 * states need a higher weight.
 */
export function anyOf<Command extends Typed>(
  of: { readonly [C in Command["type"]]: fc.Arbitrary<Omit<Extract<Command, { type: C }>, "type">> },
  weights: { readonly [C in Command["type"]]?: number } = {},
): fc.Arbitrary<Command> {
  const kinds = Object.entries<fc.Arbitrary<object>>(of).map(([type, rest]) => ({
    weight: weights[type as Command["type"]] ?? 1,
    arbitrary: rest.map((fields) => ({ type, ...fields }) as never as Command),
  }));
  return fc.oneof(...kinds);
}

/** Returns all words of a type. A missing or an extra word in the record does not compile. */
export const words = <Word extends string>(of: Record<Word, true>): string[] => Object.keys(of);

/**
 * Generates few different ids, so that they often match. In each of the last ids, one field belongs to
 * another login.
 */
const anyIds = fc.constantFrom<LoginIds>(
  ids,
  laterIds,
  { ...ids, loginId2: laterIds.loginId2 },
  { ...ids, sex: "male" },
  { ...laterIds, loginId1: ids.loginId1 },
);
export const anyLoginId1 = fc.constantFrom(ids.loginId1, laterIds.loginId1);
export const anyFence = fc.integer({ min: 1, max: 9 });
export const nothing = fc.constant({});

/** Generates random login ids together with other fields. */
export const withIds = <T extends object>(others: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.tuple(anyIds, fc.record(others)).map(([drawn, rest]) => ({ ...drawn, ...rest }));

export const idsOf = ({ loginId1, loginId2, sex }: LoginIds): LoginIds => ({ loginId1, loginId2, sex });

export const isOwnedBy = (lock: object, owner: Owner | undefined): boolean =>
  ownerIn(lock) !== undefined && ownerIn(lock)?.incarnation === owner?.incarnation;

export const ownerIn = (lock: object): Owner | undefined =>
  "owner" in lock ? (lock.owner as Owner) : undefined;

export const countOf = (effects: readonly Typed[], type: string): number =>
  effects.filter((effect) => effect.type === type).length;

/** Returns the table with one faulty cell. */
export const withFault = <T extends object, S extends keyof T, C extends keyof T[S]>(
  table: T,
  state: S,
  command: C,
  cell: T[S][C],
): T => ({ ...table, [state]: { ...table[state], [command]: cell } });

export const same = (a: unknown, b: unknown): boolean => text(a) === text(b);

const text = (value: unknown): string => JSON.stringify(value);

function frozen<T>(value: T): T {
  // Object.freeze throws for arrays of bytes.
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}
