import {
  type AccountOwner,
  type AccountOwnerEffect,
  type AccountOwnerEvent,
  accountOwnerTable,
  decideAccount,
  type GrantedAccount,
  type LoginHere,
  mayHold,
  ownerIn,
  owns,
} from "../src/index.ts";

/*
 * This world is one account with its login-server and its character lock, as a char-server notices them.
 * Answers wait in a list until a step of the program delivers one of them. So they arrive late, and in any
 * order.
 */

export type Answer = "yes" | "lost after it was done" | "lost before it was done";

type Effect = AccountOwnerEffect & { readonly loginId1: number };
type CharacterLock = { readonly at: "char" | "map" | "returning"; readonly loginId1: number } | null;

/** An older login has a lower id and a lower fence. */
const accountOf = (loginId1: number): GrantedAccount => ({
  loginId1,
  loginId2: loginId1 + 10,
  sex: "female",
  accountFence: loginId1,
  trace: "trace",
});

export class AccountWorld {
  readonly #table: typeof accountOwnerTable;
  #here: readonly LoginHere[] = [];
  /** The login-server keeps the account lock for this login. */
  #account: { readonly loginId1: number; readonly isHeld: boolean } | null = null;
  #character: CharacterLock = null;
  /** The lock store has lost this character lock, and servers can still restore it. */
  #unrestored: CharacterLock = null;
  #isRestoring = false;
  #isLinked = true;
  #number = 0;
  #lastLogin = 0;
  /** These requests have no answer yet. */
  #pending: ((answer: Answer) => void)[] = [];
  readonly #looks = new Set<number>();
  /** These clients are connected. `isAnswered` is true for a client that was admitted, refused or kicked. */
  readonly #clients = new Map<number, { readonly loginId1: number; isAnswered: boolean }>();

  constructor(table: typeof accountOwnerTable = accountOwnerTable) {
    this.#table = table;
  }

  /** Each of these acts may happen next. `pick` chooses among several logins, clients or answers. */
  readonly acts = {
    grant: () => {
      if (this.#account?.isHeld !== true) this.#grant();
    },
    come: (pick: number) => this.#come(this.#loginAt(pick), pick % 5 === 0),
    gone: (pick: number) => this.#ofClient(pick, (visit) => this.#goes(visit)),
    answer: (pick: number, answer: Answer) => {
      const [arrives] = this.#pending.splice(pick % Math.max(1, this.#pending.length), 1);
      arrives?.(answer);
    },
    choose: (pick: number) => this.#ofClient(pick, (visit, loginId1) => this.#choose(visit, loginId1)),
    choice: (pick: number) =>
      this.#ofClient(pick, (visit, loginId1) => this.#feed(loginId1, { type: "choice", visit })),
    fail: (pick: number) =>
      this.#ofClient(pick, (visit, loginId1) =>
        this.#feed(loginId1, { type: pick % 2 === 0 ? "declined" : "disowned", visit }),
      ),
    returnToSelect: () => {
      if (this.#character?.at === "map") this.#character = { ...this.#character, at: "returning" };
    },
    leaveMap: (_pick: number, answer: Answer) => {
      if (this.#character?.at === "map") this.#free(answer);
    },
    kick: (pick: number) => this.#kick(this.#loginAt(pick)),
    /** The evict timer of the login-server ends, and another login gets the account. */
    takeAway: () => {
      const { loginId1 } = this.#account ?? {};
      this.#grant();
      if (loginId1 !== undefined) this.#kick(loginId1);
    },
    look: () => this.#look(),
    renew: (pick: number) => this.#see(this.#loginAt(pick)),
    expireSelect: (_pick: number, answer: Answer) => {
      if (this.#character !== null && this.#character.at !== "map") this.#putOut(answer);
    },
    loseLink: () => {
      this.#isLinked = false;
      for (const arrives of this.#pending.splice(0)) arrives("lost before it was done");
    },
    comeBack: () => this.#comeBack(),
    giveUp: () => {
      this.#account = null;
      for (const { loginId1 } of this.#here)
        this.#feed(loginId1, { type: "lost", reason: "cluster-link-lost" });
      if (this.#character !== null) this.#putOut("yes");
    },
    loseLocks: () => {
      if (!this.#isRestoring && this.#character?.at === "map") this.#unrestored = this.#character;
      this.#character = null;
      this.#isRestoring = true;
    },
    /** A map-server reclaims its character after the loss. */
    putBack: (pick: number) => {
      if (this.#isRestoring) this.#character ??= { at: "map", loginId1: this.#loginAt(pick) };
    },
    restore: (pick: number) => this.#restore(pick % 2 === 0),
    /** The process of the char-server ends, and a new one starts. */
    restart: () => {
      [this.#here, this.#pending, this.#isLinked] = [[], [], false];
      this.#looks.clear();
      this.#clients.clear();
    },
    /** The char-server gets an answer to a request that ended long ago. */
    late: (pick: number) => {
      const [visit, request] = [9_999, 9_999];
      const account = accountOf(this.#loginAt(pick));
      const answers: readonly AccountOwnerEvent[] = [
        { type: "held", visit, account },
        { type: "not-held", visit },
        { type: "hold-unanswered", visit },
        { type: "opened", visit },
        { type: "not-opened", visit, refusal: "on-a-map", lock: null },
        { type: "open-unanswered", visit, retryAfterMs: 1 },
        { type: "handed-over", visit },
        { type: "declined", visit },
        { type: "disowned", visit },
        { type: "released", request },
        { type: "unreleased", request },
        { type: "hand-over", visit },
        { type: "gone", visit },
        { type: "doubted" },
        { type: "reclaimed", account },
      ];
      const event = answers[pick % answers.length];
      const isTrue = event?.type !== "reclaimed" || this.#isHeldBy(account.loginId1);
      if (event !== undefined && isTrue) this.#feed(account.loginId1, event);
    },
  };

  /**
   * All clients leave, all requests are answered, and the character leaves its map. Throws if a lock is left.
   */
  end(): void {
    this.#restore(false);
    if (!this.#isLinked) this.#comeBack();
    while (this.#pending.length > 0) this.#pending.shift()?.("yes");
    const waiting = [...this.#clients].filter(([, { isAnswered }]) => !isAnswered);
    if (waiting.length > 0) throw new Error(`never answered: ${JSON.stringify(waiting)}`);
    for (let round = 0; round < 20; round += 1) {
      for (const visit of [...this.#clients.keys()]) this.#goes(visit);
      while (this.#pending.length > 0) this.#pending.shift()?.("yes");
      if (this.#character !== null) this.#free("yes");
      this.#look();
    }
    const left = [
      this.#here.length > 0 && `still here: ${JSON.stringify(this.#here)}`,
      this.#account?.isHeld && `the account lock of ${this.#account.loginId1} was not given back`,
      this.#character !== null && "the character lock was not given back",
    ].filter((wrong) => typeof wrong === "string");
    if (left.length > 0) throw new Error(left.join("; "));
  }

  #grant(): void {
    this.#lastLogin += 1;
    this.#account = { loginId1: this.#lastLogin, isHeld: false };
  }

  /** Returns the newest login or the previous login. */
  #loginAt(pick: number): number {
    return Math.max(1, this.#lastLogin - (pick % 2));
  }

  #come(loginId1: number, isForged: boolean): void {
    this.#number += 1;
    const visit = this.#number;
    this.#clients.set(visit, { loginId1, isAnswered: false });
    const { loginId2, sex } = accountOf(loginId1);
    const ids = { loginId1, loginId2: isForged ? 99 : loginId2, sex };
    // A client that has to wait would come again later. In this world it hangs up instead.
    if (this.#feed(loginId1, { type: "come", visit, ids }) === "busy") this.#clients.delete(visit);
  }

  #goes(visit: number): void {
    const client = this.#clients.get(visit);
    this.#clients.delete(visit);
    if (client !== undefined) this.#feed(client.loginId1, { type: "gone", visit });
  }

  #ofClient(pick: number, act: (visit: number, loginId1: number) => void): void {
    const clients = [...this.#clients];
    const [visit, client] = clients[pick % Math.max(1, clients.length)] ?? [];
    if (visit !== undefined && client !== undefined) act(visit, client.loginId1);
  }

  #choose(visit: number, loginId1: number): void {
    this.#feed(loginId1, { type: "hand-over", visit });
    const owner = this.#ownerOf(loginId1);
    if (owner.state !== "handed-over" || owner.visit !== visit) return;
    this.#pending.push((answer) => {
      const isOurs = this.#character?.loginId1 === loginId1 && this.#character.at === "char";
      if (answer === "lost before it was done") return this.#feed(loginId1, { type: "declined", visit });
      if (!isOurs) return this.#feed(loginId1, { type: "disowned", visit });
      this.#character = { at: "map", loginId1 };
      if (answer !== "yes") this.#feed(loginId1, { type: "doubted" });
      return this.#feed(loginId1, { type: answer === "yes" ? "handed-over" : "declined", visit });
    });
  }

  /** The login-server asks the char-server to release the account. */
  #kick(loginId1: number): void {
    this.#pending.push((answer) => {
      if (this.#character?.loginId1 === loginId1) return this.#putOut(answer);
      this.#feed(loginId1, { type: "kick", reason: "logged-in-elsewhere" });
    });
  }

  /** A client at character select loses its lock at once. A map-server saves its character first. */
  #putOut(answer: Answer): void {
    const lock = this.#character;
    if (lock === null) return;
    if (lock.at === "map") {
      this.#pending.push((left) => {
        if (this.#character === lock) this.#free(left === "yes" ? "yes" : "lost after it was done");
      });
      return;
    }
    if (answer === "yes") this.#feed(lock.loginId1, { type: "kick-client", reason: "logged-in-elsewhere" });
    this.#free(answer);
  }

  #free(answer: Answer): void {
    const { loginId1 = 0 } = this.#character ?? {};
    if (answer !== "lost before it was done") this.#character = null;
    if (answer === "yes") this.#feed(loginId1, { type: "freed" });
    else for (const login of this.#here) this.#feed(login.loginId1, { type: "doubted" });
  }

  #restore(isBack: boolean): void {
    if (!this.#isRestoring) return;
    this.#isRestoring = false;
    if (this.#character === null && isBack) this.#character = this.#unrestored;
    this.#unrestored = null;
    for (const { loginId1 } of this.#here) this.#feed(loginId1, { type: "doubted" });
  }

  /**
   * The link comes back. The login-server names the account that is held. An account without a client or a
   * player is freed.
   */
  #comeBack(): void {
    this.#isLinked = true;
    const named = this.#account?.isHeld === true ? this.#account.loginId1 : null;
    const onItsWay = ["asking", "entering", "choosing", "handed-over"];
    const here = this.#here.map(({ loginId1 }) => loginId1);
    for (const loginId1 of new Set([...here, ...(named === null ? [] : [named])])) {
      const owner = this.#ownerOf(loginId1);
      const isHere =
        onItsWay.includes(owner.state) ||
        (this.#character === null
          ? this.#isRestoring && mayHold(owner)
          : this.#character.loginId1 === loginId1);
      if (named === loginId1 && isHere)
        this.#feed(loginId1, { type: "reclaimed", account: accountOf(loginId1) });
      else {
        if (named === loginId1) this.#account = null;
        this.#feed(loginId1, { type: "lost", reason: "lock-lost" });
        this.#kick(loginId1);
      }
    }
  }

  #look(): void {
    if (this.#isRestoring || !this.#isLinked) return;
    const looks = [...this.#looks];
    this.#looks.clear();
    for (const loginId1 of looks) this.#see(loginId1);
  }

  #see(loginId1: number): void {
    const lock = this.#character;
    const whose = lock === null ? "free" : lock.loginId1 === loginId1 ? "ours" : "another's";
    this.#feed(loginId1, { type: "seen", lock: whose });
  }

  #isHeldBy(loginId1: number): boolean {
    return this.#account?.isHeld === true && this.#account.loginId1 === loginId1;
  }

  #ownerOf(loginId1: number): AccountOwner {
    return ownerIn(this.#here, loginId1);
  }

  #feed(loginId1: number, event: AccountOwnerEvent): string | null {
    this.#number += 1;
    const at = { isRestoring: this.#isRestoring, isLinked: this.#isLinked, request: this.#number };
    const decided = decideAccount(this.#here, { loginId1, event }, at, this.#table);
    this.#here = decided.logins;
    const owners = this.#here.filter(({ owner }) => owns(owner));
    if (owners.length > 1) throw new Error(`two owners: ${JSON.stringify(this.#here)}`);
    for (const effect of decided.effects) this.#perform(effect);
    return decided.refusal;
  }

  #perform(effect: Effect): void {
    const { loginId1 } = effect;
    switch (effect.type) {
      case "ask-hold": {
        const { visit, ids } = effect;
        this.#pending.push((answer) => {
          const isTheirs = this.#account?.loginId1 === loginId1 && ids.loginId2 !== 99;
          if (answer !== "lost before it was done" && isTheirs) this.#account = { loginId1, isHeld: true };
          if (answer !== "yes") return this.#feed(loginId1, { type: "hold-unanswered", visit });
          const account = accountOf(loginId1);
          return this.#feed(
            loginId1,
            isTheirs ? { type: "held", visit, account } : { type: "not-held", visit },
          );
        });
        return;
      }
      case "ask-release": {
        const { request } = effect;
        this.#pending.push((answer) => {
          if (answer !== "lost before it was done" && this.#isHeldBy(loginId1)) this.#account = null;
          this.#feed(loginId1, { type: answer === "yes" ? "released" : "unreleased", request });
        });
        return;
      }
      case "open":
        this.#open(effect);
        return;
      case "open-again":
        this.#character ??= { at: "char", loginId1 };
        this.#see(loginId1);
        return;
      case "abandon":
        this.#pending.push((answer) => {
          if (this.#character?.loginId1 === loginId1 && this.#character.at !== "map") this.#free(answer);
        });
        return;
      case "evict":
        this.#pending.push((answer) => {
          if (this.#character?.loginId1 === loginId1) this.#putOut(answer);
        });
        return;
      case "look":
        this.#looks.add(loginId1);
        return;
      case "admit":
        this.#answered(effect.visit);
        return;
      case "refuse":
        if (effect.evicts !== undefined && this.#character?.loginId1 === effect.evicts) this.#putOut("yes");
        this.#answered(effect.visit);
        this.#clients.delete(effect.visit);
        return;
      case "kick":
        this.#clients.delete(effect.visit);
    }
  }

  #open({ loginId1, visit }: Effect & { readonly type: "open" }): void {
    this.#pending.push((answer) => {
      const lock = this.#character;
      if (answer === "lost before it was done" || (lock === null && this.#isRestoring))
        return this.#feed(loginId1, { type: "open-unanswered", visit, retryAfterMs: 1 });
      const isReturning = lock?.at === "returning" && lock.loginId1 === loginId1;
      if (lock !== null && (!isReturning || visit % 4 === 0)) {
        const { loginId1: by } = lock;
        const refusal = isReturning ? "too-late" : lock.at === "map" ? "on-a-map" : "already-choosing";
        return this.#feed(loginId1, {
          type: "not-opened",
          visit,
          refusal,
          lock: { loginId1: by, accountFence: by },
        });
      }
      this.#character = { at: "char", loginId1 };
      if (answer === "yes") return this.#feed(loginId1, { type: "opened", visit });
      this.#feed(loginId1, { type: "doubted" });
      return this.#feed(loginId1, { type: "open-unanswered", visit, retryAfterMs: 1 });
    });
  }

  #answered(visit: number): void {
    const client = this.#clients.get(visit);
    if (client === undefined) return;
    if (client.isAnswered) throw new Error(`client ${visit} was answered twice`);
    client.isAnswered = true;
  }
}
