import type { RegisteredAccounts } from "./account.ts";
import type { Credential, HashParameters } from "./credential.ts";
import { decoyCredential, decoyParameters, type ParametersInUse } from "./decoy-credential.ts";

export interface DecoysOptions {
  readonly accounts: Pick<RegisteredAccounts, "parametersInUse">;
  readonly clusterSecret: Uint8Array;
  readonly wanted: HashParameters;
  readonly nowMs: () => number;
}

const freshMs = 3_600_000;

export class Decoys {
  readonly #options: DecoysOptions;
  #inUse: Promise<readonly ParametersInUse[]> | null = null;
  #staleMs = 0;

  constructor(options: DecoysOptions) {
    this.#options = options;
  }

  /** Call this for every name, known or unknown, so that a look-up always takes the same time. */
  async credentialOf(name: string): Promise<Credential> {
    const { clusterSecret, wanted } = this.#options;
    const parameters = decoyParameters(clusterSecret, name, wanted, await this.#parametersInUse());
    return decoyCredential(clusterSecret, name, parameters);
  }

  #parametersInUse(): Promise<readonly ParametersInUse[]> {
    const { accounts, nowMs } = this.#options;
    if (this.#inUse !== null && nowMs() < this.#staleMs) return this.#inUse;
    const before = this.#inUse;
    this.#staleMs = nowMs() + freshMs;
    const inUse = accounts.parametersInUse().catch((error) => {
      this.#staleMs = 0;
      if (before === null) throw error;
      return before;
    });
    this.#inUse = inUse;
    return inUse;
  }
}
