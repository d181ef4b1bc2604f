import { type Clock, systemClock } from "@sallyport/clock";
import type { DialectStream } from "@sallyport/dialects";
import { nativeCharDoor, nativeLoginDoor, nativeMapDoor } from "@sallyport/dialects/native";
import {
  AccountId,
  type AnswerTo,
  accepted,
  type CharDoor,
  CharId,
  type CommandName,
  type CommandOf,
  type DoorVocabulary,
  type EventOf,
  type Kick,
  type KickReason,
  kickFor,
  type LoggedIn,
  type LoginDoor,
  LoginId,
  type LoginTicket,
  type MapDoor,
  type Refused,
  refused,
} from "@sallyport/domain";
import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import {
  type Connect,
  type DoorName,
  deriveLoginKeys,
  type LoginKeys,
  prove,
  sameBytes,
} from "../src/index.ts";
import { MemoryMap, type Walker } from "./memory-map.ts";

/*
 * This cluster has the three doors in one object, without locks, stores or sockets. It uses the real native
 * streams, so a client sees a correct cluster, unless a script changes something.
 */

type AnyCommand = CommandOf<LoginDoor> | CommandOf<CharDoor> | CommandOf<MapDoor>;
/** A kick is told instead of an answer, and ends the connection. */
export type Misdeed = Refused<string> | Kick | "hang" | "hang-up" | "nonsense";
/**
 * The cluster calls the script before each command. If the result is null, it handles the command as usual.
 */
export type Script = (command: AnyCommand, door: DoorName) => Misdeed | null;

export const addresses = {
  login: { host: "memory", port: 7100 },
  char: { host: "memory", port: 7200 },
  map: { host: "memory", port: 7300 },
} as const;

interface StoredCharacter extends Walker {
  readonly slot: number;
}
interface StoredAccount {
  readonly accountId: AccountId;
  readonly name: string;
  readonly password: string;
  readonly sex: "female" | "male";
  readonly keys: LoginKeys;
  ticket: LoginTicket | null;
  lastLoginMs: number | null;
  characters: StoredCharacter[];
  /** Disconnects the client that has the account. It is null if no client has the account. */
  kick: (() => void) | null;
}

export const cheapSalt = {
  salt: new Uint8Array(16).fill(5),
  memoryKib: 8 * 1024,
  iterations: 1,
  parallelism: 1,
};

interface Overheard {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly serverSignature: Uint8Array;
}

export class MemoryCluster {
  readonly clock: Clock;
  readonly map: MemoryMap;
  script: Script = () => null;
  /** These are the server's messages in the last login by proof. */
  overheard: Overheard | null = null;
  /** If this is not null, a server without the account replays these messages. */
  replayed: Overheard | null = null;
  /** Lists all connections in the order in which they were opened. */
  readonly connections: { readonly door: DoorName; readonly channel: ByteChannel }[] = [];
  saltOffer = cheapSalt;
  knowsAccounts = true;
  /** The URLs that clients over WebSocket are sent to. */
  wsUrls: { readonly char: string | null; readonly map: string | null } = { char: null, map: null };
  readonly accounts = new Map<string, StoredAccount>();
  readonly #expected = new Map<CharId, StoredAccount>();
  readonly #passOn = new Map<CharId, () => void>();
  #lastId = 0;

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
    this.map = new MemoryMap(clock);
  }

  readonly connect: Connect = async ({ port }) => {
    const door = (Object.keys(addresses) as DoorName[]).find((name) => addresses[name].port === port);
    if (door === undefined) throw new Error("nothing listens there");
    const [near, far] = memoryChannelPair(["client", door]);
    this.connections.push({ door, channel: far });
    if (door === "login") this.#serveLogin(far);
    else if (door === "char") this.#serveChar(far);
    else this.#serveMap(far);
    return near;
  };

  get doorsVisited(): DoorName[] {
    return this.connections.map(({ door }) => door);
  }

  /** Sends the client of this character to another map-server, which is this cluster again. */
  passOn(charId: CharId): void {
    this.#passOn.get(charId)?.();
  }

  #serveLogin(channel: ByteChannel): void {
    const nonce = this.replayed?.nonce ?? crypto.getRandomValues(new Uint8Array(32));
    this.#serve<LoginDoor>("login", channel, nativeLoginDoor.open(this.clock.nowMs()), async (command) => {
      const account = "name" in command ? this.accounts.get(command.name.toLowerCase()) : undefined;
      switch (command.type) {
        case "login.register":
          return this.#register(command);
        case "login.salt":
          return accepted({ ...this.saltOffer, nonce });
        case "login.password":
        case "login.password.telling":
          if (account?.password !== command.password) return refused("wrong-name-or-password");
          return this.#grant(account);
        case "login.prove": {
          if (account === undefined) return refused("wrong-name-or-password");
          const offer = { ...this.saltOffer, nonce };
          const expected = await prove(account.keys, command.name, offer, command.clientNonce);
          if (!sameBytes(expected.proof, command.proof)) return refused("wrong-name-or-password");
          const granted = this.#grant(account);
          this.overheard = { nonce, serverSignature: expected.serverSignature };
          const told = this.replayed?.serverSignature ?? expected.serverSignature;
          const serverSignature = this.knowsAccounts ? told : new Uint8Array(32);
          return granted.ok ? accepted({ ...granted.value, serverSignature }) : granted;
        }
        case "login.token": {
          const holder = [...this.accounts.values()].find(
            ({ ticket }) => ticket?.loginId1 === command.loginId1 && ticket.loginId2 === command.loginId2,
          );
          if (holder === undefined) return refused("not-logged-in");
          return accepted({
            token: `${holder.name} at ${command.audience ?? "any"}`,
            expiresS: 1_900_000_000,
          });
        }
        case "login.token.password":
        case "login.email.confirm":
        case "login.password.change":
        case "login.password.reset.ask":
        case "login.password.reset":
          return refused("unavailable");
      }
    });
  }

  async #register(wish: { name: string; password: string; sex: "female" | "male" }) {
    if (!/^\w{3,20}$/.test(wish.name)) return refused("name-invalid");
    if (this.accounts.has(wish.name.toLowerCase())) return refused("name-taken");
    const accountId = AccountId(++this.#lastId);
    const keys = await deriveLoginKeys(wish.password, { ...this.saltOffer, nonce: new Uint8Array(32) });
    const account = { ...wish, accountId, keys, ticket: null, lastLoginMs: null, characters: [], kick: null };
    this.accounts.set(wish.name.toLowerCase(), account);
    return accepted({ accountId });
  }

  #grant(account: StoredAccount) {
    if (account.kick !== null) {
      account.kick();
      return refused("already-online", 5);
    }
    const { accountId, sex, lastLoginMs } = account;
    const loginId1 = LoginId(++this.#lastId);
    account.ticket = { accountId, loginId1, loginId2: LoginId(++this.#lastId), sex };
    account.lastLoginMs = 1;
    const world = {
      name: "memory",
      ...addresses.char,
      players: this.map.walkers.size,
      wsUrl: this.wsUrls.char,
      otherDoors: [],
    };
    const value: LoggedIn = { ...account.ticket, lastLoginMs, worlds: [world], role: "player" };
    return accepted(value);
  }

  #serveChar(channel: ByteChannel): void {
    let account: StoredAccount | undefined;
    const serving: Serving<CharDoor> = this.#serve<CharDoor>(
      "char",
      channel,
      nativeCharDoor.open(this.clock.nowMs()),
      async (command) => {
        if (command.type === "char.enter") {
          account = this.#byTicket(command);
          if (account === undefined) return refused("not-logged-in");
          account.kick = () => serving.kick("logged-in-elsewhere");
          return accepted({ characters: account.characters.map(summary), slotCount: 3 });
        }
        if (account === undefined) return refused("out-of-order");
        return this.#atCharSelect(account, command);
      },
      () => {
        if (account !== undefined && !this.#isExpected(account)) account.kick = null;
      },
    );
  }

  #atCharSelect(account: StoredAccount, command: Exclude<CommandOf<CharDoor>, { type: "char.enter" }>) {
    const { characters } = account;
    switch (command.type) {
      case "char.create": {
        if (characters.some(({ slot }) => slot === command.slot)) return refused("slot-taken");
        const charId = CharId(++this.#lastId);
        const { slot, name } = command;
        const { accountId, sex } = account;
        const character = { accountId, charId, slot, name, sex, position: { map: "yard", x: 5, y: 5 } };
        account.characters = [...characters, character];
        return accepted(summary(character));
      }
      case "char.delete":
        account.characters = characters.filter(({ charId }) => charId !== command.charId);
        return account.characters.length < characters.length ? accepted({}) : refused("no-such-character");
      case "char.choose":
        if (!characters.some(({ charId }) => charId === command.charId)) return refused("no-such-character");
        this.#expected.set(command.charId, account);
        return accepted({
          charId: command.charId,
          map: "yard",
          ...addresses.map,
          wsUrl: this.wsUrls.map,
          otherDoors: [],
        });
    }
  }

  #isExpected(account: StoredAccount): boolean {
    return [...this.#expected.values()].includes(account);
  }

  #byTicket(shown: LoginTicket): StoredAccount | undefined {
    return [...this.accounts.values()].find(
      ({ ticket }) => ticket?.loginId1 === shown.loginId1 && ticket.loginId2 === shown.loginId2,
    );
  }

  #serveMap(channel: ByteChannel): void {
    let account: StoredAccount | undefined;
    let walker: Walker | undefined;
    const passOn = (): void => {
      if (account === undefined || walker === undefined) return;
      const { charId, position } = walker;
      this.map.leave(walker);
      this.#expected.set(charId, account);
      [account, walker] = [undefined, undefined];
      serving.event({ type: "map.hop", position, ...addresses.map, wsUrl: null, otherDoors: [] });
      channel.close();
    };
    const serving: Serving<MapDoor> = this.#serve<MapDoor>(
      "map",
      channel,
      nativeMapDoor.open(this.clock.nowMs()),
      async (command) => {
        if (command.type === "map.enter") {
          account = this.#expected.get(command.charId);
          if (account?.sex !== command.sex) return refused("not-expected");
          this.#expected.delete(command.charId);
          walker = account?.characters.find(({ charId }) => charId === command.charId);
          if (account === undefined || walker === undefined) return refused("not-expected");
          account.kick = () => serving.kick("logged-in-elsewhere");
          this.#passOn.set(command.charId, passOn);
          return accepted(this.map.enter(walker, serving.event));
        }
        if (walker === undefined) return refused("out-of-order");
        if (command.type === "map.walk") return this.map.walk(walker, command);
        if (command.type === "map.say") return this.map.say(walker, command.text);
        if (command.type === "map.click") return this.map.click(walker, command.actor);
        if (command.type === "map.take") return refused("no-such-actor");
        if (command.type === "dialogue.answer") return this.map.answer(walker, command);
        if (command.type === "shop.buy") return this.map.buy(command);
        if (command.type === "game.command") return this.map.game(command);
        if (command.type === "map.save") return accepted({});
        this.map.leave(walker);
        return accepted({});
      },
      () => {
        if (walker !== undefined) this.map.leave(walker);
        if (account !== undefined) account.kick = null;
      },
    );
  }

  #serve<D extends DoorVocabulary>(
    door: DoorName,
    channel: ByteChannel,
    stream: DialectStream<D>,
    serve: (command: CommandOf<D>) => Promise<AnswerTo<D, CommandName<D>>>,
    closed: () => void = () => {},
  ): Serving<D> {
    const flush = (): void => {
      for (const bytes of stream.takeOutput()) channel.send(bytes);
    };
    const answer = async (command: CommandOf<D>, answerTo: number): Promise<void> => {
      const misdeed = this.script(command as unknown as AnyCommand, door);
      if (misdeed === "hang") return;
      if (misdeed === "hang-up") return channel.destroy();
      if (misdeed === "nonsense") return channel.send(new Uint8Array(64).fill(0xff));
      if (misdeed !== null && "reason" in misdeed) return putOut(misdeed);
      stream.answer(answerTo, (misdeed ?? (await serve(command))) as never, this.clock.nowMs());
      flush();
    };
    channel.listen({
      bytes: (chunk) => {
        for (const { command, answerTo } of stream.receive(chunk, this.clock.nowMs()))
          void answer(command, answerTo);
        flush();
      },
      closed,
    });
    const event = (happened: EventOf<D>): void => {
      stream.event(happened, this.clock.nowMs());
      flush();
    };
    const putOut = (kick: Kick): void => {
      event({ type: "client.kicked", ...kick } as unknown as EventOf<D>);
      channel.close();
    };
    const kick = (reason: KickReason): void => putOut(kickFor(reason));
    return { event, kick };
  }
}

interface Serving<D extends DoorVocabulary> {
  event(happened: EventOf<D>): void;
  kick(reason: KickReason): void;
}

const summary = ({ charId, slot, name, position }: StoredCharacter) => ({ charId, slot, name, position });
