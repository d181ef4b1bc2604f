/**
 * The decoder throws this error if the received bytes break the protocol. The connection catches the error,
 * logs it and closes. `path` names the field. The message never contains received data.
 */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly path: string;

  constructor(path: string, problem: string) {
    super(path === "" ? problem : `${path}: ${problem}`);
    this.path = path;
  }
}
