import { lockIdOf, lockKindOf } from "@sallyport/lock-core";
import { type Disturbances, nameOf, pathOf, wholePathOf } from "../disturbances.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

interface Played {
  readonly life: string;
  readonly steps: number;
  /** When the character took the first step that is not stored. */
  readonly unsavedMs: number;
}

export interface ProgressOptions {
  readonly disturbances: Disturbances;
  readonly charIdsOf: (life: string) => readonly number[] | null;
  readonly storedSteps: (charId: number) => number;
  readonly autosaveMs: number;
}

/** Milliseconds after which a map-server looks again for characters to save. */
const lookMs = 1_000;
const saveMs = 500;

/**
 * When a character leaves in the regular way, all its steps are stored. While nothing goes wrong, all steps
 * are stored within the autosave period.
 */
export class Progress implements Checker {
  readonly name = "progress";
  readonly #options: ProgressOptions;
  /** Unstored steps, keyed by character. */
  readonly #played = new Map<number, Played>();
  /**
   * Characters that are leaving. The keys are like `character under fence`, and the value is the server
   * process that requested the leave.
   */
  readonly #leaving = new Map<string, string>();
  readonly #newest = new Map<number, number>();
  /** The linked process of each map-server, keyed by the name of the map-server. */
  readonly #linked = new Map<string, string>();

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    stepped: ({ life, charId, steps }, nowMs) => {
      const before = this.#played.get(charId);
      const unsavedMs = before?.life === life ? before.unsavedMs : nowMs;
      this.#played.set(charId, { life, steps, unsavedMs });
      return null;
    },
    taken: ({ charId, fence }) => {
      this.#newest.set(charId, fence);
      this.#played.delete(charId);
      return null;
    },
    passed: ({ charId, fence }) => {
      this.#newest.set(charId, fence);
      return null;
    },
    saved: ({ charId, steps }, nowMs) => {
      const played = this.#played.get(charId);
      if (played !== undefined && steps >= played.steps) this.#played.delete(charId);
      else if (played !== undefined) this.#played.set(charId, { ...played, unsavedMs: nowMs });
      return null;
    },
    said: ({ life, message }, nowMs) => {
      const { type, charId, charFence } = message;
      if (type === "character.leave") this.#leaving.set(`${charId} under ${charFence}`, life);
      return this.#isSaved(nowMs);
    },
    "lock-changed": (changed, nowMs) =>
      lockKindOf(changed.key) === "server" ? this.#noteServer(changed) : this.#judge(changed, nowMs),
  };

  #noteServer({ key, after }: FactOf<"lock-changed">): null {
    const isLinked = after?.state === "connected" && after.incarnation !== undefined;
    if (isLinked) this.#linked.set(lockIdOf(key), after.incarnation);
    else this.#linked.delete(lockIdOf(key));
    return null;
  }

  /** Judges the change of a character lock. A regular leave releases the lock after the last save. */
  #judge({ key, before, after, storeMs }: FactOf<"lock-changed">, nowMs: number): string | null {
    const { charId = 0, charFence = 0, deadlineMs } = before ?? {};
    if (lockKindOf(key) !== "character" || before?.owner === undefined || charFence === 0) return null;
    if (after?.owner?.server === before.owner.server) return null;
    const { server, incarnation } = before.owner;
    const hasRunOut = deadlineMs !== undefined && storeMs >= deadlineMs;
    // Steps may be lost if their server dies or loses its link.
    const isLinked = this.#linked.get(server) === incarnation && !this.#isDisturbed(server, nowMs);
    const isOrderly = this.#leaving.has(`${charId} under ${charFence}`) && !hasRunOut && isLinked;
    // The database rightly refuses a save under an older fence.
    if (!isOrderly || (this.#newest.get(charId) ?? 0) > charFence) return null;
    const played = this.#played.get(charId);
    const stored = this.#options.storedSteps(charId);
    if (played === undefined || nameOf(played.life) !== server || played.steps <= stored) return null;
    return `character ${charId} left ${played.life} after ${played.steps} steps, but only ${stored} are stored`;
  }

  #isDisturbed(server: string, nowMs: number): boolean {
    return this.#options.disturbances.lastMs(pathOf(server), nowMs) === Number.POSITIVE_INFINITY;
  }

  #isSaved(nowMs: number): string | null {
    const { disturbances, charIdsOf, autosaveMs } = this.#options;
    for (const [charId, { life, steps, unsavedMs }] of this.#played) {
      if (nowMs <= unsavedMs + autosaveMs + Math.min(lookMs, autosaveMs) + saveMs) continue;
      if (charIdsOf(life)?.includes(charId) !== true || !disturbances.areCalm(wholePathOf(life), unsavedMs))
        continue;
      return `step ${steps} of character ${charId} on ${life} was not stored within ${Math.round(nowMs - unsavedMs)} ms`;
    }
    return null;
  }
}
