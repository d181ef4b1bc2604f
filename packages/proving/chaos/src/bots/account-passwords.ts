import { KnownPasswords } from "@sallyport/bots";

/** The passwords of one account, which its players and the operator share. */
export class AccountPasswords extends KnownPasswords {
  /**
   * An operator sets a password whatever the old one is. So no player changes it before the operator knows that
   * this was done: otherwise nobody could tell which of the two came last.
   */
  isBeingSet = false;
}
