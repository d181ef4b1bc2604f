import type { Random } from "@sallyport/random";
import { type Account, connectBy, type Entrance, type Visitor } from "@sallyport/rig";
import { type Client, createClient, type PasswordWay } from "@sallyport/sdk";
import { type Fact, inDoubt, nowMs, type Order, type PasswordChange } from "../history/fact.ts";
import type { AccountPasswords } from "./account-passwords.ts";

export interface PasswordHabitsOptions {
  readonly account: Account;
  /** Of the native protocol: no other changes passwords. */
  readonly entrances: readonly Entrance[];
  readonly passwords: AccountPasswords;
  readonly random: Random;
  readonly saw: (fact: Fact) => void;
  readonly visitorAt: (entrance: Entrance, password: string) => Visitor;
}

const connectMs = 5_000;

/** What a player does about its password between its visits. */
export class PasswordHabits {
  readonly #options: PasswordHabitsOptions;

  constructor(options: PasswordHabitsOptions) {
    this.#options = options;
  }

  async sometimes(): Promise<void> {
    const { random } = this.#options;
    if (random.chance(0.06)) await this.#change(random.chance(0.5));
    if (random.chance(0.1)) await this.#tryReplaced();
  }

  /** Logs in with a password that was replaced, if there is one. No server may admit that. */
  async #tryReplaced(): Promise<void> {
    const { passwords, random } = this.#options;
    const password = passwords.replaced(random);
    if (password === null) return;
    // Servers remember a password that was sent to them, for a while.
    const way: PasswordWay = random.chance(0.5) ? "raw" : "hashed";
    await this.#ask("login", password, (client, name) => client.logIn({ name, password, way }));
  }

  /** Asks for a new password, unless an operator sets one. With `endOthers`, a client that plays has to leave. */
  async #change(endOthers: boolean): Promise<void> {
    const { passwords, random } = this.#options;
    if (passwords.isBeingSet) return;
    const password = passwords.typed(random);
    const newPassword = passwords.next();
    this.#changes(newPassword, "asked");
    if (endOthers) this.#endsLogins(newPassword, "asked");
    const answer = await this.#ask("change password", password, (client, name) =>
      client.changePassword({ name, password, newPassword, endOthers }),
    );
    const isKnown = answer.ok || !inDoubt.has(answer.refusal);
    if (endOthers) this.#endsLogins(newPassword, answer.ok ? "done" : isKnown ? "refused" : "unknown");
    if (answer.ok) passwords.stored(newPassword);
    else if (isKnown) passwords.refused(newPassword);
    if (isKnown) this.#changes(newPassword, answer.ok ? "stored" : "refused");
  }

  #ask(
    call: string,
    password: string,
    request: (
      client: Client,
      name: string,
    ) => ReturnType<Client["changePassword"]> | ReturnType<Client["logIn"]>,
  ) {
    const { account, entrances, random, visitorAt } = this.#options;
    const entrance = random.pick(entrances);
    const { ask, from, credentials, answerMs } = visitorAt(entrance, password);
    const client = createClient({
      connect: connectBy(entrance, () => ({ localAddress: from })),
      login: entrance.login,
      credentials,
      bounds: { connectMs, answerMs },
    });
    return ask<unknown, string>(call, request(client, account.login));
  }

  #changes(password: string, change: PasswordChange["change"]): void {
    const { account, saw } = this.#options;
    saw({ type: "password", atMs: nowMs(), account: account.character, by: "client", password, change });
  }

  #endsLogins(newPassword: string, change: Order["change"]): void {
    const { account: of, saw } = this.#options;
    const account = of.character;
    const id = `${account} ${newPassword}`;
    saw({ type: "order", atMs: nowMs(), id, account, what: "end-logins", change, detail: "" });
  }
}
