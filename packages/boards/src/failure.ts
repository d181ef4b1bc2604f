/** What the exit code of a command means to scripts. */
export const exitCodes = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** The person has to correct something, or a server has to. */
export class BoardsFailure extends Error {
  override readonly name = "BoardsFailure";
  readonly exitCode: number;
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export const refusedFor = (why: string): BoardsFailure => new BoardsFailure(why, exitCodes.refused);
export const wrongUsage = (why: string): BoardsFailure => new BoardsFailure(why, exitCodes.usage);
export const unreachable = (why: string, cause?: unknown): BoardsFailure =>
  new BoardsFailure(why, exitCodes.unreachable, { cause });
