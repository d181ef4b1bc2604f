import { accepted, type Kick, type Outcome } from "@sallyport/domain";
import type { GrantedAccount } from "@sallyport/lock-core";
import { unavailable } from "@sallyport/server-kit";

/** A visitor is a client that shows login ids. */
export interface Visitor {
  readonly isConnected: boolean;
  follow(trace: string): void;
  /**
   * Call this if an earlier owner of the character lock may have changed characters since this client came.
   */
  outdate(): void;
  /** Tells the client why and ends its connection. */
  kick(kick: Kick): void;
}

export type Entry = Outcome<GrantedAccount, "not-logged-in" | "already-online" | "unavailable">;

interface Visit {
  readonly visitor: Visitor;
  readonly enter: (entry: Entry) => void;
}

/** The table of account owners names each client by a number. This class finds the client. */
export class AccountVisits {
  readonly #visits = new Map<number, Visit>();

  /** The promise settles when the client is allowed to choose, is refused, or has left. */
  begin(visit: number, visitor: Visitor): Promise<Entry> {
    return new Promise((enter) => {
      this.#visits.set(visit, { visitor, enter });
    });
  }

  visitorOf(visit: number): Visitor | undefined {
    return this.#visits.get(visit)?.visitor;
  }

  admit(visit: number, account: GrantedAccount): void {
    this.#visits.get(visit)?.enter(accepted(account));
  }

  refuse(visit: number, entry: Entry): void {
    this.#visits.get(visit)?.enter(entry);
    this.#visits.delete(visit);
  }

  kick(visit: number, kick: Kick): void {
    this.visitorOf(visit)?.kick(kick);
    this.gone(visit);
  }

  gone(visit: number): void {
    this.refuse(visit, unavailable());
  }
}
