import type { CharacterSave, CharacterStore, SaveRefusal } from "@sallyport/database";
import type { CharId } from "@sallyport/domain";

interface Asker {
  readonly resolve: (refusal: SaveRefusal | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting {
  save: CharacterSave;
  readonly asked: Asker[];
}

/**
 * Groups saves: saves that arrive during a write go together into the next write. Two saves of one character
 * are never in the same write, and are written in the order in which they came. If several saves of one
 * character by one owner wait, only the newest is written, and all of them get its result. So while Postgres
 * is slow or away, no more saves wait than there are characters.
 */
export class SaveQueue {
  readonly #characters: Pick<CharacterStore, "saveMany">;
  #waiting: Waiting[] = [];
  /** Each character has its newest waiting save here. */
  #newest = new Map<CharId, Waiting>();
  #isWriting = false;

  constructor(characters: Pick<CharacterStore, "saveMany">) {
    this.#characters = characters;
  }

  /**
   * Resolves to null once the state is stored. Rejects with `Unavailable` if the outcome is unknown; it is
   * then harmless to save the same state again.
   */
  save(save: CharacterSave): Promise<SaveRefusal | null> {
    return new Promise((resolve, reject) => {
      const waiting = this.#newest.get(save.charId);
      if (waiting !== undefined && isOfOneOwner(waiting.save, save)) {
        if (save.saveNumber > waiting.save.saveNumber) waiting.save = save;
        waiting.asked.push({ resolve, reject });
        return;
      }
      const added = { save, asked: [{ resolve, reject }] };
      this.#waiting.push(added);
      this.#newest.set(save.charId, added);
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        const refused = await this.#characters.saveMany(batch.map(({ save }) => save));
        for (const { save, asked } of batch) {
          for (const { resolve } of asked) resolve(refused.get(save.charId) ?? null);
        }
      } catch (error) {
        for (const { asked } of batch) for (const { reject } of asked) reject(error);
      }
    }
    this.#isWriting = false;
  }

  #takeBatch(): Waiting[] {
    const inBatch = new Set<CharId>();
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { charId } = waiting.save;
      (inBatch.has(charId) ? rest : batch).push(waiting);
      inBatch.add(charId);
    }
    this.#waiting = rest;
    // The saves of this batch are being written now, so a new save must not replace one of them.
    this.#newest = new Map(rest.map((waiting) => [waiting.save.charId, waiting]));
    return batch;
  }
}

/**
 * Returns true if the newer of the two saves is allowed to replace the older save. A server that only guessed
 * the fence must not replace a save of the owner.
 */
const isOfOneOwner = (a: CharacterSave, b: CharacterSave): boolean =>
  a.fence === b.fence && a.owner === b.owner && a.world === b.world;
