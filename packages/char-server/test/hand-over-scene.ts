import { systemClock } from "@sallyport/clock";
import type { charToMap } from "@sallyport/cluster-protocol";
import { createMemoryStores, noTrail } from "@sallyport/database";
import {
  accepted,
  type CharId,
  Fence,
  kickFor,
  LoginId,
  type LoginTicket,
  type Position,
  Unavailable,
} from "@sallyport/domain";
import type { HandlerAnswer } from "@sallyport/link";
import { type CharacterEffect, characterLockKey, defaultLockTiming, type Owner } from "@sallyport/lock-core";
import { type LockStore, MemoryLockStore } from "@sallyport/lock-store";
import { ServerRegistry } from "@sallyport/server-kit";
import { ManualClock, testHost } from "@sallyport/testkit";
import type { MessageOf } from "@sallyport/wire";
import type { AccountOwnersDeps } from "../src/account-effects.ts";
import { AccountOwners } from "../src/account-owners.ts";
import { CharacterLocks } from "../src/character-locks.ts";
import { type Choice, HandOver, type HandOverDeps } from "../src/hand-over.ts";
import { MapHosting, type MapServerLink } from "../src/map-hosting.ts";

type Expect = MessageOf<typeof charToMap, "character.expect">;
export type Answer =
  | HandlerAnswer<typeof charToMap, "character.expect">
  | { readonly ok: false; readonly refusal: "unanswered" };

export const self: Owner = { server: "alpha", incarnation: "alpha-1" };
export const map: Owner = { server: "map", incarnation: "map-1" };
export const position: Position = { map: "harbour", x: 4, y: 5 };
export const yes: Answer = { ok: true, value: {} };

/** Has one account with a character at character select. The test gives the answers of the map-servers. */
export class Scene {
  readonly stores = createMemoryStores();
  readonly store = new MemoryLockStore({ nowMs: () => this.nowMs });
  readonly effects: CharacterEffect[] = [];
  /** Counts the requests to hold the account. */
  heldCount = 0;
  readonly locks = new CharacterLocks(
    { clock: systemClock },
    {
      store: this.store,
      timing: defaultLockTiming,
      perform: async (_accountId, effect) => void this.effects.push(effect),
    },
  );
  readonly hosting = new MapHosting(testHost(), () => {});
  readonly registry = new ServerRegistry(testHost(), {
    store: this.store,
    timing: defaultLockTiming,
    forfeit: (key, owner) => this.locks.forfeit(key, owner),
  });
  /** The char-server uses this clock. The lock store uses `nowMs` instead of this clock. */
  readonly clock = new ManualClock();
  nowMs = 0;
  ticket!: LoginTicket;
  accountFence!: Fence;
  charId!: CharId;
  /** These lists have the messages that map-servers got. */
  readonly expected: Expect[] = [];
  readonly forgotten: { readonly charFence: number }[] = [];
  says: (character: Expect, withinMs: number) => Answer | Promise<Answer> = () => yes;
  #logins = 0;

  static async open(): Promise<Scene> {
    const scene = new Scene();
    scene.linkMap(map, "harbour");
    const parameters = { memoryKib: 8, iterations: 1, parallelism: 1 };
    const credential = {
      salt: new Uint8Array(16),
      storedKey: new Uint8Array(32),
      serverKey: new Uint8Array(32),
    };
    const made = await scene.stores.accounts.create({
      name: "alice",
      sex: "female",
      credential: { ...credential, ...parameters },
    });
    if (!made.ok) throw new Error(made.refusal);
    const { accountId } = made.value;
    scene.ticket = { accountId, loginId1: LoginId(0), loginId2: LoginId(0), sex: "female" };
    await scene.logIn();
    const { accountFence } = scene;
    const character = await scene.stores.characters.create({
      accountId,
      accountFence,
      world: "Alpha",
      slot: 0,
      name: "alice",
      position,
    });
    if (!character.ok) throw new Error(character.refusal);
    scene.charId = character.value.charId;
    return scene;
  }

  linkMap(server: Owner, ...maps: string[]): void {
    const link = {
      ask: async (character: Expect, withinMs: number) => {
        this.expected.push(character);
        return this.says(character, withinMs);
      },
      notify: (message: { type: string; charFence: number }) =>
        message.type === "character.forget" && this.forgotten.push({ charFence: message.charFence }),
    };
    this.hosting.add({ ...server, link: link as unknown as MapServerLink });
    this.hosting.announce(server.incarnation, {
      host: server.server,
      port: 3,
      wsUrl: null,
      otherDoors: [],
      near: [],
      maps,
      playersMax: 100,
      isDraining: false,
      hearsOrders: true,
    });
  }

  /** Logs in again, with new login ids and a new fence, and puts a client at character select. */
  async logIn(): Promise<void> {
    this.#logins += 1;
    const raised = await this.stores.accounts.raiseFence(this.ticket.accountId);
    if (!raised.ok) throw new Error(raised.refusal);
    this.accountFence = raised.value.fence;
    const [loginId1, loginId2] = [LoginId(this.#logins * 10 + 1), LoginId(this.#logins * 10 + 2)];
    this.ticket = { ...this.ticket, loginId1, loginId2 };
    const { accountId, ...ids } = this.ticket;
    const { accountFence } = this;
    const opened = await this.locks.apply(accountId, { type: "open", owner: self, accountFence, ...ids });
    if (!opened.ok) throw new Error(opened.refusal);
  }

  handOver(changed: Partial<HandOverDeps> = {}): HandOver {
    const { locks, hosting } = this;
    const { characters } = this.stores;
    const { clock } = this;
    const timing = defaultLockTiming;
    const { registry } = this;
    const deps = { locks, hosting, registry, characters, world: "Alpha", timing };
    return new HandOver(testHost({ clock }), { ...deps, ...changed });
  }

  /** The login-server grants every account. `opening` is called before a character lock is opened. */
  accountOwners(locks = this.locks, opening = () => {}): AccountOwners {
    const watched: AccountOwnersDeps["locks"] = {
      isRestoring: locks.isRestoring,
      untilKnownMs: locks.untilKnownMs,
      apply: (...of) => locks.apply(...of),
      evict: (...of) => locks.evict(...of),
      read: (...of) => locks.read(...of),
      openAfter: (...of) => {
        opening();
        return locks.openAfter(...of);
      },
    };
    const hold = async () => {
      this.heldCount += 1;
      return accepted({ accountFence: this.accountFence, trace: "trace" });
    };
    const login = { isUp: true, hold, release: async () => true, claim: async () => accepted([]) };
    return new AccountOwners(testHost(), { locks: watched, self, login, trail: noTrail });
  }

  /** Returns the fields by which the char-server names the character to the database. */
  async reference() {
    const { accountFence, charId, stores } = this;
    const { accountId } = this.ticket;
    const [listed] = await stores.characters.list({ accountId, world: "Alpha" });
    return { accountId, accountFence, charId, world: "Alpha", charFence: listed?.fence ?? Fence(0) };
  }

  async choice(isClientThere = () => true): Promise<Choice> {
    const { ticket } = this;
    const { accountFence, charId, charFence } = await this.reference();
    return {
      owner: self,
      ticket,
      accountFence,
      trace: "trace",
      charId,
      charFence,
      map: "harbour",
      isClientThere,
    };
  }

  async choose(characters: HandOverDeps["characters"] = this.stores.characters, isClientThere = () => true) {
    return this.handOver({ characters }).choose(await this.choice(isClientThere));
  }

  /** Returns character locks over a store that fails once, before or after it changes a lock to `state`. */
  failingOnce(state: string, when: "before" | "after"): CharacterLocks {
    let hasFailed = false;
    const { store } = this;
    const failing: LockStore = {
      losses: store.losses,
      generationOf: () => store.generationOf(),
      load: (key) => store.load(key),
      due: (limit) => store.due(limit),
      ownedBy: (...page) => store.ownedBy(...page),
      close: () => store.close(),
      compareAndSet: async (change) => {
        if (hasFailed || !change.value?.includes(`"${state}"`)) return store.compareAndSet(change);
        hasFailed = true;
        if (when === "after") await store.compareAndSet(change);
        throw new Unavailable("no answer");
      },
    };
    const perform = async () => {};
    return new CharacterLocks({ clock: systemClock }, { store: failing, timing: defaultLockTiming, perform });
  }

  lock = () => this.locks.read(this.ticket.accountId);
  evict = () => this.locks.evict(this.ticket.accountId, this.ticket.loginId1, kickFor("second-choice"));
  expire = () => this.locks.expire(characterLockKey(this.ticket.accountId));
}
