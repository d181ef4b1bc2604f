import { noTrail } from "@sallyport/database";
import { accepted, type CharId, type KickReason, type LoginTicket } from "@sallyport/domain";
import { defaultLockTiming, type Owner } from "@sallyport/lock-core";
import { MemoryLockStore } from "@sallyport/lock-store";
import { ManualClock, testHost } from "@sallyport/testkit";
import { AccountOwners, type Stay } from "../src/account-owners.ts";
import { CharacterLocks } from "../src/character-locks.ts";
import { carryOut } from "../src/lock-effects.ts";
import { LoginLink } from "../src/login-link.ts";
import { MapHosting } from "../src/map-hosting.ts";
import { HandMadeLogin } from "./hand-made-login.ts";

const self: Owner = { server: "alpha", incarnation: "alpha-1" };
const map: Owner = { server: "map", incarnation: "map-1" };

/** A guest is a client that records its kicks. */
export interface Guest extends Stay {
  readonly kicks: readonly KickReason[];
}

/** Runs the accounts of a char-server, with its link to a login-server and its character locks. */
export class AccountOwnersScene {
  readonly clock = new ManualClock();
  readonly login = new HandMadeLogin(this.clock);
  /** These clients were told to leave. Each entry has the account, the login and the reason. */
  readonly kicks: (readonly [number, number, string])[] = [];
  /** If this is false, the effects of changes to character locks are lost. */
  isTold = true;
  readonly accounts: AccountOwners;
  readonly link: LoginLink;
  readonly locks: CharacterLocks;

  static async start(): Promise<AccountOwnersScene> {
    const scene = new AccountOwnersScene();
    const started = scene.link.start();
    await scene.clock.advance(0);
    await started;
    return scene;
  }

  private constructor() {
    const { clock } = this;
    const host = testHost({ clock });
    const store = new MemoryLockStore({ nowMs: () => clock.nowMs() });
    const hosting = new MapHosting(host, () => {});
    this.locks = new CharacterLocks(host, {
      store,
      timing: defaultLockTiming,
      perform: async (accountId, effect, kick) => {
        if (this.isTold)
          await carryOut(host, { accounts: this.accounts, hosting }, { accountId, effect, kick });
      },
    });
    const login = {
      isUp: () => this.link.isUp,
      hold: (ticket: LoginTicket) => this.link.hold(ticket),
    };
    this.accounts = new AccountOwners(host, {
      locks: this.locks,
      self,
      trail: noTrail,
      login: {
        get isUp() {
          return login.isUp();
        },
        hold: login.hold,
        release: (...of) => this.link.release(...of),
        claim: (claimed) => this.link.claim(claimed),
      },
    });
    this.link = new LoginLink(host, {
      connect: this.login.connect,
      credentials: { server: "alpha", username: "alpha", password: "right" },
      world: { name: "Alpha", host: "127.0.0.1", port: 7200, wsUrl: null, otherDoors: [], near: [] },
      kick: (accountId, loginId1, { reason }) => void this.kicks.push([accountId, loginId1, reason]),
      announce: () => {},
      accounts: this.accounts,
      admitted: () => {},
      lost: () => this.accounts.lostAll("cluster-link-lost"),
    });
  }

  come(ticket: LoginTicket): Guest {
    const kicks: KickReason[] = [];
    let isConnected = true;
    const stay = this.accounts.come(ticket, {
      get isConnected() {
        return isConnected;
      },
      follow: () => {},
      outdate: () => {},
      kick: ({ reason }) => {
        isConnected = false;
        kicks.push(reason);
      },
    });
    return { ...stay, kicks };
  }

  /** Returns a client that is allowed to choose a character. */
  async chooses(ticket: LoginTicket): Promise<Guest> {
    const guest = this.come(ticket);
    await this.clock.advance(0);
    const entered = await guest.entered;
    if (!entered.ok) throw new Error(entered.refusal);
    return guest;
  }

  /** Returns a client whose character is on a map-server. */
  async plays(ticket: LoginTicket, charId = 1 as CharId): Promise<Guest> {
    const guest = await this.chooses(ticket);
    const { accountId, loginId1 } = ticket;
    this.accounts.tell(guest, "hand-over");
    await this.locks.apply(accountId, { type: "choose", owner: self, loginId1, charId, target: map });
    await this.locks.apply(accountId, { type: "acknowledge", owner: map, loginId1, charId, charFence: 1 });
    this.accounts.tell(guest, "handed-over");
    await this.hangUp(guest);
    return guest;
  }

  async leaves({ accountId }: LoginTicket, charId = 1): Promise<void> {
    const left = this.locks.apply(accountId, { type: "leave", owner: map, charId, charFence: 1 });
    await this.clock.advance(0);
    await left;
  }

  async hangUp(guest: Guest): Promise<void> {
    this.accounts.tell(guest, "gone");
    await this.clock.advance(0);
  }

  /** Checks the accounts that are in doubt. Returns the logins that were released. */
  async settles(): Promise<readonly number[]> {
    const before = this.login.all("account.release").length;
    await this.accounts.settle();
    await this.clock.advance(0);
    return this.login
      .all("account.release")
      .slice(before)
      .map(({ loginId1 }) => loginId1);
  }

  /** The login-server answers no release until the test calls the returned function. */
  holdReleases(): () => Promise<void> {
    let answer = (): void => {};
    this.login.release = () =>
      new Promise((resolve) => {
        answer = () => resolve(accepted({}));
      });
    return async () => {
      answer();
      await this.clock.advance(0);
    };
  }

  async comesBack(): Promise<void> {
    this.login.cut();
    await this.clock.advance(2_000);
  }
}
