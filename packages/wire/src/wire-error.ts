/**
 * The other side sent nonsense. Thrown while reading, caught once per connection, which logs it and closes.
 * `path` says where; the text never holds what was received.
 */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly path: string;

  constructor(path: string, problem: string) {
    super(path === "" ? problem : `${path}: ${problem}`);
    this.path = path;
  }
}
