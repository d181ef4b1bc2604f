import type { SaltOffer } from "@sallyport/domain";
import { Credentials, type LoginKeys } from "@sallyport/sdk/browser";
import type { KeysDerived, KeysWanted } from "./proof-worker.ts";

interface Waiting {
  resolve(keys: LoginKeys): void;
  reject(error: Error): void;
}

/** Derives login keys in a worker, and keeps the newest for the way back after a lost connection. */
export class WorkerKeys {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #kept = this.#keepNewest();

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<KeysDerived>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("keys" in data) waiting?.resolve(data.keys);
      else waiting?.reject(new Error(data.problem));
    });
    worker.addEventListener("error", ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the worker failed: ${message}`));
      this.#waiting.clear();
    });
  }

  keys(password: string, offer: SaltOffer): Promise<LoginKeys> {
    return this.#kept.keys(password, offer);
  }

  /** Drops the keys, which are as secret as the password. */
  forget(): void {
    this.#kept = this.#keepNewest();
  }

  #keepNewest(): Credentials {
    return new Credentials({ entriesMax: 1, derive: (password, offer) => this.#derive(password, offer) });
  }

  #derive(password: string, offer: SaltOffer): Promise<LoginKeys> {
    const id = this.#lastId + 1;
    this.#lastId = id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, password, offer } satisfies KeysWanted);
    });
  }
}
