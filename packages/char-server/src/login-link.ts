import { retry } from "@sallyport/clock";
import { charToLogin, kickFrom, loginToChar, reclaimMax } from "@sallyport/cluster-protocol";
import {
  type AccountId,
  type Announced,
  accepted,
  type Fence,
  type Kick,
  type KickReason,
  kickFor,
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
  readonly kick: (accountId: AccountId, loginId1: LoginId, kick: Kick) => void;
  readonly cookies?: CookieJar | undefined;
  readonly accounts: AccountsHere;
  readonly announce: (announced: Announced) => void;
  /** The link calls this when it is up and knows which account locks are held here. */
  readonly admitted: () => void;
  /** The link calls this when this server has lost all its account locks. */
  readonly lost: () => void;
}

/** An account lock, with the login that has it. */
export interface Account extends LoginTicket {
  readonly accountFence: Fence;
  readonly trace: string;
}

type Login = Pick<LoginTicket, "accountId" | "loginId1">;

/** After a lost link, the login-server confirms or denies what this char-server knows about its accounts. */
export interface AccountsHere {
  /**
   * Each of these logins may have an account lock here. `account` is null if the login-server never confirmed
   * the lock.
   */
  readonly logins: readonly (Login & { readonly account: Account | null })[];
  /** Returns the logins whose client or player is still here. `unavailable`: a store did not answer. */
  stillHere(logins: readonly LoginTicket[]): Promise<Outcome<readonly LoginTicket[], "unavailable">>;
  reclaimed(account: Account): void;
  lost(login: Login, reason: KickReason): void;
  /** After this call, a login that is not here has no account lock. */
  known(): void;
}

/**
 * If another char-server has the world name, this char-server asks again after this pause. By then, the other
 * char-server may have left or may have been renamed.
 */
const worldTakenMs = 5_000;
const releaseAttemptsMax = 6;
/** This is the pause after the first attempt. The pause doubles after each further attempt. */
const releasePauseMs = 100;

type LoginServerLink = Link<typeof charToLogin, typeof loginToChar>;

export class LoginLink {
  readonly #host: Host;
  readonly #deps: LoginLinkDeps;
  readonly #server: ServerLink<typeof charToLogin, typeof loginToChar>;
  readonly #releases = new Set<Promise<boolean>>();

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
        "account.kick": async ({ accountId, loginId1, ...told }) => {
          deps.kick(accountId, loginId1, kickFrom(told));
          return accepted({});
        },
        "account.lost": ({ accountId, loginId1 }) => deps.kick(accountId, loginId1, kickFor("lock-lost")),
        announcement: ({ text, from }) => deps.announce({ text, from }),
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
        deps.accounts.known();
        deps.admitted();
        return true;
      },
      lost: deps.lost,
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
   * Reclaims the account locks that earlier incarnations of this char-server held, in this process or an
   * earlier one, if a client or a player of the login is still here. The login-server frees all other locks
   * of these incarnations. So it also frees a lock that could not be released while the link was down. If
   * this char-server holds a lock that the login-server does not name, the store of the login-server may have
   * lost the lock. Then this method asks the login-server to restore the lock.
   */
  async #reclaim(link: LoginServerLink): Promise<boolean> {
    const { clock, log } = this.#host;
    const { accounts: here, kick } = this.#deps;
    const named = new Set<string>();
    const counts = { reclaimed: 0, lost: 0 };
    const give = (login: Login): void => here.lost(login, "lock-lost");
    const lose = (login: Login): void => {
      counts.lost += 1;
      give(login);
      kick(login.accountId, login.loginId1, kickFor("lock-lost"));
    };
    const reclaim = async (accounts: readonly Account[]): Promise<boolean> => {
      const stillHere = await insist(link, clock, () => here.stillHere(accounts));
      if (stillHere === null) return false;
      const ours = new Set(stillHere.value.map(keyOf));
      const reclaimed = await this.#ask(
        link,
        accounts.filter((account) => ours.has(keyOf(account))),
      );
      if (reclaimed === null) return false;
      const lost = new Set(reclaimed.value.lost);
      for (const account of accounts) {
        named.add(keyOf(account));
        if (!ours.has(keyOf(account))) give(account);
        else if (lost.has(account.accountId)) lose(account);
        else {
          counts.reclaimed += 1;
          here.reclaimed(account);
        }
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
    const unnamed = here.logins.filter((login) => !named.has(keyOf(login)));
    const granted = unnamed.flatMap(({ account }) => account ?? []);
    for (let from = 0; from < granted.length; from += reclaimMax) {
      if (!(await reclaim(granted.slice(from, from + reclaimMax)))) return false;
    }
    for (const login of unnamed) if (login.account === null) lose(login);
    log.info({ accounts: counts.reclaimed, lost: counts.lost }, "account locks reclaimed");
    return true;
  }

  #ask(link: LoginServerLink, accounts: readonly Account[]) {
    const claim = { type: "account.reclaim", accounts } as const;
    return insist(link, this.#host.clock, () => link.ask(claim, waits.askMs));
  }

  /**
   * Asks for account locks that the login-server may have lost. Returns the accounts whose locks it does not
   * give.
   */
  async claim(accounts: readonly Account[]): Promise<Outcome<readonly AccountId[], "unavailable">> {
    const link = this.#server.current;
    if (link === null) return unavailable();
    const claimed = await link.ask({ type: "account.reclaim", accounts }, waits.askMs);
    return claimed.ok ? accepted(claimed.value.lost) : unavailable();
  }

  /**
   * Waits until all releases have ended, and then ends the link. `keep`: the account locks that are still
   * held are kept for the next process.
   */
  async stop(how: "release" | "keep"): Promise<void> {
    await Promise.all(this.#releases);
    await this.#server.stop(how);
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

  /** After `unavailable`, this char-server may nevertheless hold the account lock. */
  async hold({
    accountId,
    loginId1,
    loginId2,
    sex,
  }: LoginTicket): Promise<Outcome<{ accountFence: Fence; trace: string }, "not-logged-in" | "unavailable">> {
    const link = this.#server.current;
    if (link === null) return unavailable();
    const asked = await link.ask({ type: "account.hold", accountId, loginId1, loginId2, sex }, waits.askMs);
    if (asked.ok) return asked;
    return asked.refusal === "unanswered" || asked.refusal === "unavailable"
      ? unavailable()
      : refused("not-logged-in");
  }

  /**
   * Returns login ids with which this char-server itself can hold the account. Waits `withinMs` at most, in
   * which the present owner of the account leaves.
   */
  async operate(
    accountId: AccountId,
    withinMs: number,
  ): Promise<Outcome<LoginTicket, "no-such-account" | "overtaken" | "unavailable">> {
    const link = this.#server.current;
    if (link === null) return unavailable();
    const asked = await link.ask({ type: "account.operate", accountId }, withinMs);
    if (asked.ok) return accepted({ accountId, ...asked.value });
    const { refusal } = asked;
    return refusal === "no-such-account" || refusal === "overtaken" ? refused(refusal) : unavailable();
  }

  async announceEverywhere({ text, from }: Announced): Promise<Outcome<Record<never, never>, "unavailable">> {
    const asked = await this.#server.current?.ask(
      { type: "announcement.everywhere", text, from },
      waits.askMs,
    );
    return asked?.ok ? accepted({}) : unavailable();
  }

  /**
   * Releases the account lock. Returns false if the login-server did not answer or there is no link. It is
   * harmless to release a lock that is not held.
   */
  async release(login: Login, trace: string | undefined): Promise<boolean> {
    const releasing = this.#release(login, trace);
    this.#releases.add(releasing);
    return releasing.finally(() => this.#releases.delete(releasing));
  }

  async #release({ accountId, loginId1 }: Login, trace: string | undefined): Promise<boolean> {
    const link = this.#server.current;
    const ask = async (tries: number) =>
      link?.isOpen && tries <= releaseAttemptsMax
        ? link.ask({ type: "account.release", accountId, loginId1 }, waits.askMs)
        : null;
    const asked = await retry(this.#host.clock, ask, (asked, tries) => {
      if (asked === null || asked.ok) return null;
      this.#host.log.warn({ trace, accountId, why: asked.refusal }, "account lock not released yet");
      return releasePauseMs * 2 ** (tries - 1);
    });
    return asked !== null;
  }
}

const keyOf = ({ accountId, loginId1 }: Login): string => `${accountId} ${loginId1}`;
