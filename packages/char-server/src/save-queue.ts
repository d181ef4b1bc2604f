import type { CharacterSave, CharacterStore, SaveRefusal } from "@sallyport/database";
import type { CharId } from "@sallyport/domain";

interface Waiting {
  readonly save: CharacterSave;
  readonly resolve: (refusal: SaveRefusal | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Saves that arrive while others are being written go into the next write together. Two saves of one character
 * never share a write, and are written in the order in which they came.
 */
export class SaveQueue {
  readonly #characters: Pick<CharacterStore, "saveMany">;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(characters: Pick<CharacterStore, "saveMany">) {
    this.#characters = characters;
  }

  /** Null once stored; rejects with `Unavailable` when that is unknown. Saving the same again is harmless. */
  save(save: CharacterSave): Promise<SaveRefusal | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ save, resolve, reject });
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        const refused = await this.#characters.saveMany(batch.map(({ save }) => save));
        for (const { save, resolve } of batch) resolve(refused.get(save.charId) ?? null);
      } catch (error) {
        for (const { reject } of batch) reject(error);
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
    return batch;
  }
}
