import { retry } from "@sallyport/clock";
import { charToLogin, loginToChar, reclaimMax } from "@sallyport/cluster-protocol";
import {
  type AccountId,
  accepted,
  type Fence,
  type KickReason,
  type LoginId,
  type LoginTicket,
  type Outcome,
  type PublicAddress,
  refused,
} from "@sallyport/domain";
import { type ByteChannel, type Link } from "@sallyport/link";
import {
  type CookieJar,
  type Host,
  insist,
  type LinkCredentials,
  ServerLink,
  unavailable,
  waits,
} from "@sallyport/server-kit";
import type { MessageOf } from "@sallyport/wire";

export interface LoginLinkDeps {
  readonly connect: () => Promise<ByteChannel>;
  readonly credentials: LinkCredentials;
  readonly world: { readonly name: string } & PublicAddress;
  readonly kick: (accountId: AccountId, loginId1: LoginId, reason: KickReason) => void;
  readonly cookies?: CookieJar | undefined;
  /** Picks the logins whose client or player is still here. `unavailable`: a store did not answer. */
  readonly stillHere: (
    logins: readonly LoginTicket[],
  ) => Promise<Outcome<readonly LoginTicket[], "unavailable">>;
  /** Called when the link is up and the account locks that are held here are known. */
  readonly admitted: () => void;
  /** Called when this server has lost all its account locks. */
  readonly lost: () => void;
  /** Called when an account lock could not be given back. The caller of `release` does not try again. */
  readonly unreleased: (accountId: AccountId) => void;
}

interface Release {
  readonly accountId: AccountId;
  readonly loginId1: LoginId;
  readonly done: Promise<void>;
}

/**
 * The pause before asking again for a world name that another char-server has. That char-server may have
 * left, or may have been renamed.
 */
const worldTakenMs = 5_000;
const releaseAttemptsMax = 6;
/** The pause after the first attempt. It doubles after each further attempt. */
const releasePauseMs = 100;

type LoginServerLink = Link<typeof charToLogin, typeof loginToChar>;

interface Account extends LoginTicket {
  readonly accountFence: Fence;
  readonly trace: string;
}

interface HeldAccount {
  readonly loginId1: LoginId;
  /** Null: it is not known whether the account lock is held. The lock is then being given back. */
  readonly account: Account | null;
}

/** The link to the login-server, and the account locks that this char-server holds. */
export class LoginLink {
  readonly #host: Host;
  readonly #deps: LoginLinkDeps;
  readonly #server: ServerLink<typeof charToLogin, typeof loginToChar>;
  readonly #releases = new Set<Release>();
  /** The account locks that are held here, or that may be held here. */
  #held = new Map<AccountId, HeldAccount>();
  /**
   * False until this process knows which account locks are held here. An earlier process may have held some.
   */
  #isKnown = false;

  constructor(host: Host, deps: LoginLinkDeps) {
    this.#host = host;
    this.#deps = deps;
    const { name, host: at, port, wsUrl, otherDoors, near } = deps.world;
    this.#server = new ServerLink<typeof charToLogin, typeof loginToChar>(host, {
      to: "login-server",
      nameVariable: "CHAR_USERNAME",
      connect: deps.connect,
      credentials: deps.credentials,
      cookies: deps.cookies,
      sends: charToLogin,
      receives: loginToChar,
      handlers: {
        "account.kick": async ({ accountId, loginId1, reason }) => {
          deps.kick(accountId, loginId1, reason);
          return accepted({});
        },
        "account.lost": ({ accountId, loginId1 }) => deps.kick(accountId, loginId1, "lock-lost"),
      },
      admitted: async (link, isBack) => {
        const announce = {
          type: "world.announce",
          world: name,
          host: at,
          port,
          wsUrl,
          otherDoors,
          near,
        } as const;
        if (!(await this.#announce(link, announce))) return false;
        if (isBack && !(await this.#reclaim(link))) return false;
        this.#isKnown = true;
        deps.admitted();
        return true;
      },
      lost: () => {
        this.#held.clear();
        this.#isKnown = true;
        deps.lost();
      },
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  /**
   * Announces the world. While another char-server has a world of this name, this waits and asks again.
   * False: the link was lost before the name became free.
   */
  async #announce(
    link: LoginServerLink,
    announce: MessageOf<typeof charToLogin, "world.announce">,
  ): Promise<boolean> {
    const { clock, log } = this.#host;
    let isTold = false;
    const ask = () => insist(link, clock, () => link.ask(announce, waits.askMs));
    const announced = await retry(clock, ask, (answer) => {
      if (answer === null || answer.ok) return null;
      if (!isTold)
        log.error({ world: announce.world }, "another char-server has a world of this name; set WORLD_NAME");
      isTold = true;
      return worldTakenMs;
    });
    return announced !== null;
  }

  /**
   * Takes back the account locks that earlier incarnations of this char-server held, in this process or an
   * earlier one, if a client or a player of the login is still here. The login-server frees all other locks
   * of these incarnations. So a lock that could not be given back while the link was down is freed too. If a
   * lock is held here that the login-server does not name, the store of the login-server may have lost that
   * lock. This method then asks the login-server to put the lock back.
   */
  async #reclaim(link: LoginServerLink): Promise<boolean> {
    const { clock, log } = this.#host;
    const kept = new Map<AccountId, HeldAccount>();
    const left = new Set<AccountId>();
    const reclaim = async (accounts: readonly Account[]): Promise<boolean> => {
      const stillHere = await insist(link, clock, () => this.#deps.stillHere(accounts));
      if (stillHere === null) return false;
      const ours = new Set(stillHere.value.map(({ accountId }) => accountId));
      const claimed = accounts.filter(({ accountId }) => ours.has(accountId));
      const reclaimed = await this.#ask(link, claimed);
      if (reclaimed === null) return false;
      const lost = new Set(reclaimed.value.lost);
      for (const account of accounts) {
        const { accountId, loginId1 } = account;
        if (!ours.has(accountId)) left.add(accountId);
        else if (!lost.has(accountId)) kept.set(accountId, { loginId1, account });
      }
      return true;
    };
    let after: string | null = null;
    do {
      const owned = await this.#ownedAfter(link, after);
      if (owned === null) return false;
      if (!(await reclaim(owned.value.accounts))) return false;
      after = owned.value.next;
    } while (after !== null);
    const before = [...this.#held];
    const unnamed = before.flatMap(([accountId, { loginId1, account }]) =>
      account === null || left.has(accountId) || kept.get(accountId)?.loginId1 === loginId1 ? [] : [account],
    );
    for (let from = 0; from < unnamed.length; from += reclaimMax) {
      if (!(await reclaim(unnamed.slice(from, from + reclaimMax)))) return false;
    }
    this.#held = kept;
    const gone = before.filter(([id, { loginId1 }]) => kept.get(id)?.loginId1 !== loginId1 && !left.has(id));
    for (const [accountId, { loginId1 }] of gone) this.#deps.kick(accountId, loginId1, "lock-lost");
    log.info({ accounts: kept.size, lost: gone.length }, "account locks reclaimed");
    return true;
  }

  #ask(link: LoginServerLink, accounts: readonly Account[]) {
    const claim = { type: "account.reclaim", accounts } as const;
    return insist(link, this.#host.clock, () => link.ask(claim, waits.askMs));
  }

  /**
   * Reclaims the account locks of logins whose characters are here, but whose accounts this process does not
   * know. An earlier process held these locks, and the login-server may have lost them too. Returns the
   * accounts that are not held here.
   */
  async claim(accounts: readonly Account[]): Promise<Outcome<readonly AccountId[], "unavailable">> {
    const unknown = accounts.filter(({ accountId, loginId1 }) => this.heldIds(accountId) !== loginId1);
    if (unknown.length === 0) return accepted([]);
    const link = this.#server.current;
    if (link === null) return unavailable();
    const claimed = await link.ask({ type: "account.reclaim", accounts: unknown }, waits.askMs);
    if (!claimed.ok) return unavailable();
    const lost = new Set(claimed.value.lost);
    for (const account of unknown) {
      const { accountId, loginId1 } = account;
      if (!lost.has(accountId)) this.#held.set(accountId, { loginId1, account });
    }
    return accepted(claimed.value.lost);
  }

  /**
   * Waits until all releases have ended, and then ends the link. `keep`: the account locks that are still
   * held are kept for the next process.
   */
  async stop(how: "release" | "keep"): Promise<void> {
    await Promise.all([...this.#releases].map(({ done }) => done));
    await this.#server.stop(how);
  }

  /** True only if it is certain that no account lock is held here, not even by an earlier process. */
  get holdsNone(): boolean {
    return this.#isKnown && this.#held.size === 0;
  }

  #ownedAfter(link: LoginServerLink, after: string | null) {
    return insist(link, this.#host.clock, () => link.ask({ type: "account.owned", after }, waits.askMs));
  }

  get state() {
    return this.#server.state;
  }

  get isUp(): boolean {
    return this.#server.current !== null;
  }

  tellPlayers(players: number): void {
    this.#server.current?.notify({ type: "world.status", players });
  }

  async hold(
    ticket: LoginTicket,
  ): Promise<Outcome<{ accountFence: Fence; trace: string }, "not-logged-in" | "unavailable">> {
    const { accountId, loginId1, loginId2, sex } = ticket;
    // If this lock is being given back for the same login, wait until that has ended.
    for (const { done } of this.#releasesOf(accountId, loginId1)) await done;
    const link = this.#server.current;
    if (link === null) return unavailable();
    const asked = await link.ask({ type: "account.hold", accountId, loginId1, loginId2, sex }, waits.askMs);
    if (asked.ok) {
      this.#held.set(accountId, { loginId1, account: { ...ticket, ...asked.value } });
      return asked;
    }
    switch (asked.refusal) {
      case "unanswered":
      case "unavailable":
        // This login already held the lock, so the request changed nothing.
        if (this.heldIds(accountId) === loginId1) return unavailable();
        // The request may have succeeded. If so, giving the lock back undoes it.
        if (!this.#held.has(accountId)) this.#held.set(accountId, { loginId1, account: null });
        await this.release(accountId, loginId1);
        return unavailable();
      case "not-logged-in":
      case "held-elsewhere":
        return refused("not-logged-in");
    }
  }

  traceOf(accountId: AccountId): string | undefined {
    return this.#held.get(accountId)?.account?.trace;
  }

  get heldAccounts(): readonly AccountId[] {
    return [...this.#held.keys()];
  }

  heldIds(accountId: AccountId): LoginId | undefined {
    return this.#held.get(accountId)?.loginId1;
  }

  /**
   * True if that login holds the account here and is not giving it back. Also true while it is not known what
   * is held here.
   */
  mayHold(accountId: AccountId, loginId1: LoginId): boolean {
    if (!this.#isKnown) return true;
    return this.heldIds(accountId) === loginId1 && this.#releasesOf(accountId, loginId1).length === 0;
  }

  #releasesOf(accountId: AccountId, loginId1: LoginId): readonly Release[] {
    return [...this.#releases].filter((each) => each.accountId === accountId && each.loginId1 === loginId1);
  }

  /** Gives the account lock back. It is harmless to release a lock that is not held. */
  async release(accountId: AccountId, loginId1: LoginId): Promise<void> {
    const release = { accountId, loginId1, done: this.#release(accountId, loginId1) };
    this.#releases.add(release);
    await release.done;
    this.#releases.delete(release);
  }

  async #release(accountId: AccountId, loginId1: LoginId): Promise<void> {
    const link = this.#server.current;
    const trace = this.traceOf(accountId);
    const ask = async (tries: number) =>
      link?.isOpen && tries <= releaseAttemptsMax
        ? link.ask({ type: "account.release", accountId, loginId1 }, waits.askMs)
        : null;
    const asked = await retry(this.#host.clock, ask, (asked, tries) => {
      if (asked === null || asked.ok) return null;
      this.#host.log.warn({ trace, accountId, why: asked.refusal }, "account lock not released yet");
      return releasePauseMs * 2 ** (tries - 1);
    });
    if (asked === null) return this.#deps.unreleased(accountId);
    if (this.heldIds(accountId) === loginId1) this.#held.delete(accountId);
  }
}
