import { encodeWorldValue, type Json } from "@sallyport/domain";

/*
 * What a map-server knows about the state of a world under one key, and the changes that it wants to make.
 * The functions here are pure: they take an event, and return the next copy and what the shell has to do.
 */

export type Parsed =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly why: string };

export interface WorldStateDefinition {
  /** The state while nothing is stored. */
  readonly initial: Json;
  /**
   * Pure functions by name. They return the next state. If one throws, its change is not made. They may run
   * several times for one change.
   */
  readonly changes: { readonly [name: string]: (state: Json, input: Json) => Json };
  /** Checks a state against the schema of the game. */
  parse(value: Json): Parsed;
}

/** Why a change was not made. */
export type NotMade =
  | "unknown-change"
  | "failed"
  | "misfit"
  | "unreadable"
  | "contended"
  | "too-many"
  | "stopping";

export interface WantedChange {
  readonly id: number;
  readonly name: string;
  readonly input: Json;
  /** How many writes of this change met a newer version. */
  readonly conflicts: number;
}

export interface Write {
  /** The version from which `next` was computed. 0: nothing was stored. */
  readonly version: number;
  /** Counts the writes of this process to the key, from 1. */
  readonly number: number;
  readonly next: Json;
  /** `next` as JSON text. */
  readonly text: string;
  readonly changes: readonly WantedChange[];
}

/** Undefined: no server can use the stored value. Null: nothing is stored. */
export type Stored = { readonly version: number; readonly value: Json | undefined } | null;

export interface WorldState {
  /** The newest known state. Null: the key was not read yet. */
  readonly known: { readonly stored: Stored; readonly parsed: Parsed } | null;
  readonly waiting: readonly WantedChange[];
  /** The write whose outcome is not known yet. There is never more than one. */
  readonly write: Write | null;
  /** True from a conflict until the key was read again. */
  readonly isOutdated: boolean;
  readonly writes: number;
}

export type WorldStateEvent =
  | { readonly type: "wanted"; readonly change: WantedChange }
  /** `since` is the version that was known when the read began. */
  | { readonly type: "read"; readonly stored: Stored; readonly since: number }
  | { readonly type: "noticed"; readonly stored: Stored }
  | { readonly type: "written"; readonly version: number }
  | { readonly type: "conflict" }
  /** The definition is a different one from now on. */
  | { readonly type: "redefined" };

export type WorldStateEffect =
  | { readonly type: "write"; readonly write: Write }
  /** The key has to be read again, because of this many conflicts in a row. */
  | { readonly type: "read-again"; readonly conflicts: number }
  | { readonly type: "made"; readonly change: WantedChange; readonly state: Json }
  | {
      readonly type: "not-made";
      readonly change: WantedChange;
      readonly refusal: NotMade;
      readonly why: string;
      readonly error?: unknown;
    }
  | { readonly type: "learnt"; readonly parsed: Parsed };

export interface WorldStateDecision {
  readonly next: WorldState;
  readonly effects: readonly WorldStateEffect[];
}

/** After this many conflicts a change is given up. */
const conflictsMax = 20;

export const unread: WorldState = { known: null, waiting: [], write: null, isOutdated: false, writes: 0 };

export const versionOf = ({ known }: WorldState): number => known?.stored?.version ?? 0;

export function decideWorldState(
  state: WorldState,
  event: WorldStateEvent,
  definition: WorldStateDefinition,
): WorldStateDecision {
  switch (event.type) {
    case "wanted":
      return goOn({ ...state, waiting: [...state.waiting, event.change] }, definition);
    case "read": {
      // A read that began when a higher version was known shows that the database was set back, or that an
      // operator has deleted the key. A lower version is otherwise only an old answer.
      const isNewest = versionIn(event.stored) >= versionOf(state) || event.since >= versionOf(state);
      const read = { ...state, isOutdated: false };
      return isNewest ? learn(read, event.stored, definition) : goOn(read, definition);
    }
    case "noticed":
      return versionIn(event.stored) > versionOf(state)
        ? learn(state, event.stored, definition)
        : { next: state, effects: [] };
    case "written":
      return written(state, event.version, definition);
    case "conflict":
      return conflict(state);
    case "redefined":
      return state.known === null
        ? { next: state, effects: [] }
        : learn({ ...state, known: null }, state.known.stored, definition);
  }
}

const versionIn = (stored: Stored): number => stored?.version ?? 0;

function learn(state: WorldState, stored: Stored, definition: WorldStateDefinition): WorldStateDecision {
  const { known } = state;
  const isSame = known !== null && versionIn(known.stored) === versionIn(stored);
  // An operator may replace a value that no server can use, and leave the version as it is.
  if (isSame && known.parsed.ok && (stored === null) === (known.stored === null))
    return goOn(state, definition);
  const parsed = parsedOf(stored, definition);
  const isTold = isSame && !known.parsed.ok && !parsed.ok && known.parsed.why === parsed.why;
  return goOn(
    { ...state, known: { stored, parsed } },
    definition,
    isTold ? [] : [{ type: "learnt", parsed }],
  );
}

function parsedOf(stored: Stored, definition: WorldStateDefinition): Parsed {
  if (stored === null) return { ok: true, value: definition.initial };
  if (stored.value === undefined) return { ok: false, why: "no server can use the stored value" };
  return definition.parse(stored.value);
}

function written(state: WorldState, version: number, definition: WorldStateDefinition): WorldStateDecision {
  const { write } = state;
  if (write === null) return { next: state, effects: [] };
  const made = write.changes.map((change) => ({ type: "made", change, state: write.next }) as const);
  const settled = { ...state, write: null };
  if (version <= versionOf(state)) return goOn(settled, definition, made);
  const parsed = { ok: true, value: write.next } as const;
  const known = { stored: { version, value: write.next }, parsed };
  return goOn({ ...settled, known }, definition, [...made, { type: "learnt", parsed }]);
}

/** The changes of the write wait again, before all others. */
function conflict(state: WorldState): WorldStateDecision {
  const { write } = state;
  if (write === null) return { next: state, effects: [] };
  const changes = write.changes.map((change) => ({ ...change, conflicts: change.conflicts + 1 }));
  const why = `other changes were faster, ${conflictsMax} times in a row`;
  const effects = changes
    .filter(({ conflicts }) => conflicts >= conflictsMax)
    .map((change) => ({ type: "not-made", change, refusal: "contended", why }) as const);
  const again = changes.filter(({ conflicts }) => conflicts < conflictsMax);
  const conflicts = changes[0]?.conflicts ?? 1;
  return {
    next: { ...state, write: null, isOutdated: true, waiting: [...again, ...state.waiting] },
    effects: [...effects, { type: "read-again", conflicts }],
  };
}

/** Makes one write of all waiting changes, unless another write or a read has to be answered first. */
function goOn(
  state: WorldState,
  definition: WorldStateDefinition,
  before: readonly WorldStateEffect[] = [],
): WorldStateDecision {
  const { known, waiting } = state;
  if (known === null || waiting.length === 0 || state.write !== null || state.isOutdated)
    return { next: state, effects: before };
  const effects = [...before];
  const { parsed } = known;
  if (!parsed.ok) {
    for (const change of waiting)
      effects.push({ type: "not-made", change, refusal: "unreadable", why: parsed.why });
    return { next: { ...state, waiting: [] }, effects };
  }
  let computed: Computed = { ok: true, value: parsed.value, text: "" };
  const changes: WantedChange[] = [];
  for (const change of waiting) {
    const one = compute(computed.value, change, definition);
    if (one.ok) {
      computed = one;
      changes.push(change);
    } else {
      const { ok: _, ...because } = one;
      effects.push({ type: "not-made", change, ...because });
    }
  }
  if (changes.length === 0) return { next: { ...state, waiting: [] }, effects };
  const { value: next, text } = computed;
  const write = { version: versionIn(known.stored), number: state.writes + 1, next, text, changes };
  effects.push({ type: "write", write });
  return { next: { ...state, waiting: [], write, writes: write.number }, effects };
}

interface Computed {
  readonly ok: true;
  readonly value: Json;
  readonly text: string;
}
interface NotComputed {
  readonly ok: false;
  readonly refusal: NotMade;
  readonly why: string;
  readonly error?: unknown;
}

function compute(
  state: Json,
  { name, input }: WantedChange,
  { changes, parse }: WorldStateDefinition,
): Computed | NotComputed {
  const change = Object.hasOwn(changes, name) ? changes[name] : undefined;
  if (change === undefined) return { ok: false, refusal: "unknown-change", why: "there is no such change" };
  let next: unknown;
  try {
    // A function that changes its arguments must not change the copy that others are shown.
    next = change(structuredClone(state), structuredClone(input));
  } catch (error) {
    return { ok: false, refusal: "failed", why: "the change threw an error", error };
  }
  if (encodeWorldValue(next) === undefined)
    return {
      ok: false,
      refusal: "misfit",
      why: "its result is no JSON of at most 64 KiB that can be stored",
    };
  const parsed = parse(next as Json);
  if (!parsed.ok) return { ok: false, refusal: "misfit", why: `its result does not fit: ${parsed.why}` };
  const text = encodeWorldValue(parsed.value);
  if (text === undefined)
    return { ok: false, refusal: "misfit", why: "the schema made no JSON of at most 64 KiB of its result" };
  return { ok: true, value: parsed.value, text };
}
