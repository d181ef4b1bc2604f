import type { Checker, FactOf, Rules } from "./checker.ts";

/** Only the newest owner of a character saves it, and two map-servers never act under the same fence. */
export class Fences implements Checker {
  readonly name = "fences";
  readonly #newest = new Map<number, number>();
  /** The key is a character. The value is the lowest fence under which a save is allowed to succeed. */
  readonly #least = new Map<number, number>();
  readonly #actors = new Map<string, string>();
  readonly #accounts = new Map<number, number>();

  readonly rules: Rules = {
    "account-raised": ({ accountId, fence }) => {
      const before = this.#accounts.get(accountId) ?? 0;
      this.#accounts.set(accountId, fence);
      return fence > before ? null : `account ${accountId} got fence ${fence}, which is not above ${before}`;
    },
    taken: ({ charId, fence, all }) => {
      for (const other of all) this.#least.set(other, (this.#newest.get(other) ?? 0) + 1);
      return this.#hand(charId, fence);
    },
    passed: ({ charId, fence }) => this.#hand(charId, fence),
    // Nobody has the character then, so no save under this fence is right either.
    operated: ({ charId, fence }) => {
      const wrong = this.#hand(charId, fence);
      this.#least.set(charId, fence + 1);
      return wrong;
    },
    saved: ({ charId, fence, isAccepted }) => {
      const least = this.#least.get(charId) ?? 0;
      return isAccepted && fence < least
        ? `a save of character ${charId} under ${fence} was stored, but the newest owner has at least fence ${least}`
        : null;
    },
    said: (said) => this.#act(said),
  };

  #hand(charId: number, fence: number): string | null {
    const before = this.#newest.get(charId) ?? 0;
    this.#newest.set(charId, fence);
    this.#least.set(charId, fence);
    return fence > before
      ? null
      : `character ${charId} was handed out under fence ${fence}, which is not above ${before}`;
  }

  #act({ life, message }: FactOf<"said">): string | null {
    const { type, charId, charFence } = message;
    if (!/^character\.(enter|save|leave|hop)$/.test(type)) return null;
    const what = `${charId} under ${charFence}`;
    // A map-server releases a character whose client never arrived. Nobody acted under this fence, so the
    // next owner can get the same fence.
    if (type === "character.leave" && message.saved === null && this.#actors.get(what) !== life) return null;
    const other = this.#actors.get(what) ?? life;
    this.#actors.set(what, life);
    return other === life ? null : `both ${other} and ${life} acted for character ${what}`;
  }
}
