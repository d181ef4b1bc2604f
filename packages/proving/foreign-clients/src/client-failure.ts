/** What ends a client, in sentences that a person reads without the code. */
export class ClientFailure extends Error {
  override readonly name = "ClientFailure";
  /** 1: the server is not there, has gone, or speaks another protocol. 2: the person has to give something else. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
