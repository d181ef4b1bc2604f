/** Numbers of attempts. For each number, 0 sets no limit. Addresses are as `addressOf` returns them. */
export interface AttemptBounds {
  /** Wrong attempts of one address in a window, and attempts that are under way. */
  readonly attemptsPerAddress: number;
  readonly attemptWindowMs: number;
  /** Wrong passwords for one name from strange addresses. Each further one has to wait. */
  readonly failuresPerName: number;
  /** The failures for a name are forgotten this long after the first of them. */
  readonly failuresForgottenMs: number;
  /** The wait doubles with each failure, from one second up to this time. */
  readonly failureWaitMaxMs: number;
  /** Offers of salts to one address in `failuresForgottenMs` that no correct proof followed. */
  readonly offersPerAddress: number;
  /** An address is banned when it reached this number of wrong passwords in a window. */
  readonly failuresToBan: number;
  readonly banWindowMs: number;
  readonly banMs: number;
  /** Accounts that one address may create in a window. */
  readonly registrationsPerAddress: number;
  readonly registrationWindowMs: number;
}

export const defaultAttemptBounds: AttemptBounds = {
  attemptsPerAddress: 5,
  attemptWindowMs: 60_000,
  failuresPerName: 5,
  failuresForgottenMs: 900_000,
  failureWaitMaxMs: 300_000,
  offersPerAddress: 500,
  failuresToBan: 20,
  banWindowMs: 3_600_000,
  banMs: 3_600_000,
  registrationsPerAddress: 3,
  registrationWindowMs: 86_400_000,
};

const firstWaitMs = 1_000;

/** Returns how long strangers wait after this many failures with a name beyond the limit. */
export const nameWaitMs = (failuresBeyond: number, { failureWaitMaxMs }: AttemptBounds): number =>
  Math.min(failureWaitMaxMs, firstWaitMs * 2 ** failuresBeyond);
