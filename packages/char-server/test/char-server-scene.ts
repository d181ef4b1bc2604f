import {
  type CharacterStore,
  characterNames,
  createMemoryStores,
  createMemoryTrail,
} from "@sallyport/database";
import {
  charDoorEvents,
  charDoorMessages,
  nativeClientLimits,
  nativeHeartbeat,
  plainIntroduction,
} from "@sallyport/dialects/native";
import {
  type AccountId,
  accepted,
  type CharId,
  type KickReason,
  type LoginTicket,
  type Position,
  Unavailable,
} from "@sallyport/domain";
import { Link, memoryChannelPair } from "@sallyport/link";
import {
  type CharacterLock,
  characterLockCore,
  characterLockKey,
  defaultLockTiming,
  lockKindOf,
} from "@sallyport/lock-core";
import { LockService, type LockStore, MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { type CookieJar, defaultClientBounds, defaultLinkBounds } from "@sallyport/server-kit";
import { ManualClock, testHost } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { type CharServer, createCharServer } from "../src/char-server.ts";
import { HandMadeLogin, ticketOf } from "./hand-made-login.ts";
import { type Expected, HandMadeMapServer } from "./hand-made-map-server.ts";

export const timing = defaultLockTiming;
const world = "Alpha";
const position: Position = { map: "harbour", x: 4, y: 5 };

export class HandMadeClient {
  readonly #link: Link<typeof charDoorMessages, typeof charDoorEvents>;
  /** Null: the client has not been kicked. */
  kickedFor: KickReason | null = null;
  isConnected = true;

  constructor(clock: ManualClock, server: CharServer) {
    const [near, far] = memoryChannelPair(["client", "alpha"]);
    this.#link = new Link({
      channel: near,
      sends: new MessageCodec(charDoorMessages),
      receives: new MessageCodec(charDoorEvents),
      handlers: {
        "client.kicked": ({ reason }) => {
          this.kickedFor = reason;
        },
        "client.unsupported": () => {},
      },
      clock,
      limits: { ...nativeClientLimits, outputBytesMax: 1 << 20, requestsPauseAt: 1 },
      heartbeat: nativeHeartbeat,
      events: {
        closed: () => {
          this.isConnected = false;
        },
      },
    });
    server.acceptClient(far);
    this.#link.notify({ type: "client.hello", ...plainIntroduction });
  }

  enter({ accountId, loginId1, loginId2, sex }: LoginTicket) {
    return this.#link.ask({ type: "char.enter", accountId, loginId1, loginId2, sex }, 60_000);
  }

  choose(charId: CharId) {
    return this.#link.ask({ type: "char.choose", charId }, 60_000);
  }

  hangUp(): void {
    this.#link.close("left");
  }
}

/**
 * Runs a char-server with one account that has a character. The test controls its login-server, its
 * map-server and the clock.
 */
export class CharServerScene {
  readonly clock = new ManualClock();
  readonly login = new HandMadeLogin(this.clock);
  readonly stores = createMemoryStores();
  readonly trail = createMemoryTrail();
  /** These methods replace those of the character store. */
  readonly around: Partial<CharacterStore> = {};
  readonly state = new MemoryLockState();
  readonly rules = {
    ...{ spawn: position, slotCount: 3, names: characterNames(), deletionS: 0 },
    hasDefaultCharacter: false,
  };
  /** If this is true, the lock store makes the next change, but its answer is lost. */
  isNextAnswerLost = false;
  isStoreAway = false;
  /** The database returns the hosts of maps only after this promise resolves. */
  hostsKnown: Promise<void> = Promise.resolve();
  readonly #losses = { count: 0, graceLeftMs: () => Math.max(0, this.#graceEndsMs - this.clock.nowMs()) };
  /** Until this time, servers may restore the locks that the store lost. */
  #graceEndsMs = 0;
  readonly bugs: unknown[] = [];
  /** The topics on which the char-server told other servers something. */
  readonly hinted: string[] = [];
  readonly hints = {
    listen: () => ({ stop() {} }),
    tell: async (topic: string) => void this.hinted.push(topic),
  };
  readonly map: HandMadeMapServer;
  char: CharServer;
  accountId!: AccountId;
  charId!: CharId;
  /** All processes of the char-server share this cookie. */
  #cookie: Uint8Array | null = null;
  readonly #locks: LockService<CharacterLock, never, never, never>;

  static async start(): Promise<CharServerScene> {
    const scene = new CharServerScene();
    await scene.#begin();
    return scene;
  }

  private constructor() {
    const core = characterLockCore(timing) as never;
    this.#locks = new LockService({ store: this.#store(), core });
    this.char = this.#process();
    this.map = new HandMadeMapServer(this.clock, (channel) => this.char.acceptMapServer(channel));
  }

  /** Restarts the char-server. Its map-server links again, but its login-server does not answer yet. */
  async nextProcess(): Promise<void> {
    await this.stopProcess();
    this.login.isUnreachable = true;
    this.map.isUnreachable = false;
    this.startProcess();
    await this.clock.advance(2_000);
  }

  /** Stops the char-server for a restart, while its map-server stays away. */
  async stopProcess(): Promise<void> {
    this.map.isUnreachable = true;
    const stopped = this.char.stop("keep");
    await this.clock.advance(2_000);
    await stopped;
  }

  startProcess(): void {
    this.char = this.#process();
    void this.char.start();
  }

  async ticket(login = 1): Promise<LoginTicket> {
    const raised = await this.stores.accounts.raiseFence(this.accountId);
    if (!raised.ok) throw new Error(raised.refusal);
    const { fence: accountFence } = raised.value;
    this.login.hold = () => accepted({ accountFence, trace: "trace" });
    return ticketOf(this.accountId, login);
  }

  client(): HandMadeClient {
    return new HandMadeClient(this.clock, this.char);
  }

  /** Waits for the answer, but does not move the clock. */
  async now<T>(answer: Promise<T>): Promise<T> {
    await this.clock.advance(0);
    return answer;
  }

  async chooses(login = 1): Promise<HandMadeClient> {
    const client = this.client();
    const entered = await this.now(client.enter(await this.ticket(login)));
    if (!entered.ok) throw new Error(entered.refusal);
    return client;
  }

  /** Logs in and enters the map. Returns the character that the map-server was told to expect. */
  async plays(login = 1): Promise<Expected> {
    const client = await this.chooses(login);
    const chosen = await this.now(client.choose(this.charId));
    const character = this.map.expected.at(-1);
    if (!chosen.ok || character === undefined) throw new Error("not handed over");
    client.hangUp();
    const entered = await this.now(this.map.enter(character));
    if (!entered.ok) throw new Error(entered.refusal);
    return character;
  }

  /** Empties the lock store, as if Redis had restarted without its data. */
  loseLocks(graceMs: number): void {
    const { locks, deadlines, owned } = this.state;
    for (const key of locks.keys()) deadlines.delete(key);
    locks.clear();
    owned.clear();
    this.#losses.count += 1;
    this.#graceEndsMs = this.clock.nowMs() + graceMs;
  }

  lock = async (): Promise<CharacterLock> => (await this.#locks.read(characterLockKey(this.accountId))).lock;

  async #begin(): Promise<void> {
    const parameters = { memoryKib: 8, iterations: 1, parallelism: 1 };
    const keys = { salt: new Uint8Array(16), storedKey: new Uint8Array(32), serverKey: new Uint8Array(32) };
    const credential = { ...keys, ...parameters };
    const account = await this.stores.accounts.create({ name: "alice", sex: "female", credential });
    if (!account.ok) throw new Error(account.refusal);
    this.accountId = account.value.accountId;
    const raised = await this.stores.accounts.raiseFence(this.accountId);
    if (!raised.ok) throw new Error(raised.refusal);
    const accountFence = raised.value.fence;
    const made = { accountId: this.accountId, accountFence, world, slot: 0, name: "alice", position };
    const character = await this.stores.characters.create(made);
    if (!character.ok) throw new Error(character.refusal);
    this.charId = character.value.charId;
    void this.char.start();
    await this.map.start();
    await this.clock.advance(10_000);
  }

  #process(): CharServer {
    const { clock, stores } = this;
    const characters = new Proxy(stores.characters, {
      get: (store, name: keyof CharacterStore) => this.around[name] ?? store[name],
    });
    const cookies: CookieJar = {
      load: async () => this.#cookie,
      store: async (cookie) => {
        this.#cookie = cookie;
      },
    };
    const host = testHost({ clock, wallMs: () => 0, failed: (error) => void this.bugs.push(error) });
    return createCharServer(host, {
      characters,
      mapHosts: {
        load: (of) => this.hostsKnown.then(() => stores.mapHosts.load(of)),
        store: (...hosts) => stores.mapHosts.store(...hosts),
      },
      worldStates: stores.worldStates,
      accountOrders: stores.accounts,
      networkBans: stores.networkBans,
      hints: this.hints,
      trail: this.trail,
      store: this.#store(),
      timing,
      connectLogin: this.login.connect,
      cookies,
      credentials: { server: "alpha", username: "alpha", password: "right" },
      world: { name: world, host: "127.0.0.1", port: 7200, wsUrl: null, otherDoors: [], near: [] },
      rules: this.rules,
      clientBounds: defaultClientBounds,
      linkBounds: defaultLinkBounds,
    });
  }

  #store(): LockStore {
    const memory = new MemoryLockStore({ nowMs: () => this.clock.nowMs(), state: this.state });
    const answers = async (): Promise<void> => {
      if (this.isStoreAway) throw new Unavailable("no answer");
    };
    return {
      losses: this.#losses,
      generationOf: () => memory.generationOf(),
      load: (key) => answers().then(() => memory.load(key)),
      compareAndSet: async (change) => {
        await answers();
        const changed = await memory.compareAndSet(change);
        if (!this.isNextAnswerLost || lockKindOf(change.key) !== "character") return changed;
        this.isNextAnswerLost = false;
        throw new Unavailable("no answer");
      },
      due: (limit) => answers().then(() => memory.due(limit)),
      ownedBy: (...page) => answers().then(() => memory.ownedBy(...page)),
      close: () => memory.close(),
    };
  }
}
