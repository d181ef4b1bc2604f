/** Ends a handler that calls `it.refuse`. It is no error. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly word: string;

  constructor(word: string) {
    super(`refused: ${word}`);
    this.word = word;
  }
}
