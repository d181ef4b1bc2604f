import { type Clock, systemClock } from "@sallyport/clock";
import type { Introduction, SecondLogin } from "@sallyport/dialects";
import { hello, plainIntroduction } from "@sallyport/dialects/native";
import {
  type AccountId,
  accepted,
  type LoginDoor,
  type LoginTicket,
  type Outcome,
  refused,
  type SaltOffer,
  type Sex,
} from "@sallyport/domain";
import { packValues, parseValues } from "@sallyport/wire";
import {
  type Bounds,
  type Connect,
  type ConnectionEnd,
  type ConnectionOptions,
  type DoorAddress,
  defaultBounds,
} from "./connection.ts";
import { drawNonce, isCostAcceptable, prove, sameBytes } from "./credential.ts";
import { Credentials } from "./credentials.ts";
import { CharConnection, type DoorName, LoginConnection, MapConnection } from "./doors.ts";
import {
  CharacterSelect,
  type EnterMap,
  type EnterMapRefusal,
  type EnterWorldRefusal,
  Game,
  type HandedOver,
} from "./game.ts";
import type { RefusalFor } from "./refusals.ts";
import type { LoggedIn, World } from "./told.ts";

/*
 * A client's way through the doors: login, character select, map, and back. One connection is open at a time;
 * the client closes it as soon as it knows the next door. No call here throws because of a server or a
 * network: every call ends, within a bound, with a value or a refusal.
 */

export interface ClientOptions {
  /** `transportTo`, from `@sallyport/sdk/browser` or `@sallyport/sdk/node`, returns this and `login`. */
  readonly connect: Connect;
  /** The login door: the only address that a client must know. */
  readonly login: DoorAddress;
  readonly clock?: Clock;
  readonly bounds?: Partial<Bounds>;
  /** Draws 32 unpredictable random bytes. */
  readonly drawNonce?: () => Uint8Array;
  /** Clients that share it skip the slow part of a hashed login when they log in again. */
  readonly credentials?: Credentials;
  /** The client sends these at every door; at most 32 characters each. */
  readonly program?: { readonly name: string; readonly version: string };
  /** Must be the same at each login from the same machine; at most 64 characters. */
  readonly deviceId?: string;
  /** The client's wish for a login whose account is in use. The server may have a fixed policy instead. */
  readonly secondLogin?: SecondLogin;
  /** Called at the end of each connection, before the call that it interrupts returns. */
  readonly onConnectionEnd?: (door: DoorName, end: ConnectionEnd) => void;
  /** Called with the reason, in words for the log, when a door was `unreachable`. */
  readonly onUnreachable?: (door: DoorName, why: string) => void;
}

export interface NameAndPassword {
  readonly name: string;
  readonly password: string;
}
/**
 * `hashed` never sends the password, and checks that the server knows the account; `raw` sends the password
 * as it is.
 */
export type PasswordWay = "hashed" | "raw";

export type RegisterRefusal = RefusalFor<LoginDoor, "login.register"> | "unreachable";
export type PrepareRefusal =
  | RefusalFor<LoginDoor, "login.salt">
  | "unreachable"
  | "server-not-genuine"
  | "wrong-name-or-password";
export type LogInRefusal =
  | RefusalFor<LoginDoor, "login.salt" | "login.prove" | "login.password">
  | "unreachable"
  | "server-not-genuine";

export class Client {
  readonly #options: ClientOptions;
  readonly #connection: ConnectionOptions;
  readonly #credentials: Credentials;
  #ticket: LoginTicket | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
    const { connect, clock = systemClock, bounds } = options;
    const introduction = introductionOf(options);
    this.#connection = { connect, clock, bounds: { ...defaultBounds, ...bounds }, introduction };
    this.#credentials = options.credentials ?? new Credentials();
  }

  /** The login ids of the last login; they are valid until the next one. */
  get ticket(): LoginTicket | null {
    return this.#ticket;
  }

  get clock(): Clock {
    return this.#connection.clock;
  }

  register(
    account: NameAndPassword & { readonly sex: Sex },
  ): Promise<Outcome<{ accountId: AccountId }, RegisterRefusal>> {
    const { name, password, sex } = account;
    return this.#atLogin((login) => login.ask({ type: "login.register", name, password, sex }));
  }

  /** Does the slow part of a hashed login ahead of time; useful only with shared credentials. */
  prepareLogIn(account: NameAndPassword): Promise<Outcome<SaltOffer, PrepareRefusal>> {
    return this.#atLogin(async (login) => {
      const offer = await askForSalt(login, account);
      if (offer.ok) await this.#credentials.keys(account.password, offer.value);
      return offer;
    });
  }

  async logIn(
    account: NameAndPassword & { readonly way?: PasswordWay },
  ): Promise<Outcome<LoggedIn, LogInRefusal>> {
    const { name, password, way = "hashed" } = account;
    const answer = await this.#atLogin<LoggedIn, LogInRefusal>((login) =>
      way === "raw"
        ? login.ask({ type: "login.password", name, password })
        : this.#logInHashed(login, { name, password }),
    );
    if (!answer.ok) return answer;
    const { accountId, loginId1, loginId2, sex } = answer.value;
    this.#ticket = { accountId, loginId1, loginId2, sex };
    return answer;
  }

  /** Connects to the char door of a world and shows the login ids there. */
  async enterWorld(world: DoorAddress): Promise<Outcome<CharacterSelect, EnterWorldRefusal>> {
    if (this.#ticket === null) return refused("not-logged-in");
    const reached = await CharConnection.reach(world, this.#at("char"));
    if (!reached.ok) return reached;
    const char = reached.value;
    const entered = await char.ask({ type: "char.enter", ...this.#ticket });
    if (entered.ok) return accepted(new CharacterSelect(this, char, world, entered.value));
    char.close();
    return entered;
  }

  /** Enters the map and no more; `CharacterSelect.choose` makes the choice and then calls this. */
  async enterMap(handedOver: HandedOver): Promise<Outcome<Game, EnterMapRefusal>> {
    if (this.#ticket === null) return refused("not-expected");
    const enter = this.#enterMapAs(this.#ticket);
    const entered = await enter(handedOver, handedOver.charId);
    return entered.ok ? accepted(new Game(this, handedOver.world, entered.value, enter)) : entered;
  }

  /** Uses the ids of one login; they are valid for a game from its first map to its last. */
  #enterMapAs({ accountId, loginId1, sex }: LoginTicket): EnterMap {
    return async (address, charId) => {
      const reached = await MapConnection.reach(address, this.#at("map"));
      if (!reached.ok) return reached;
      const connection = reached.value;
      const entered = await connection.ask({ type: "map.enter", accountId, charId, loginId1, sex });
      if (entered.ok) return accepted({ connection, place: entered.value });
      connection.close();
      return entered;
    };
  }

  async #atLogin<Value, Code extends string>(
    say: (login: LoginConnection) => Promise<Outcome<Value, Code>>,
  ): Promise<Outcome<Value, Code | "unreachable">> {
    const reached = await LoginConnection.reach(this.#options.login, this.#at("login"));
    if (!reached.ok) return reached;
    try {
      return await say(reached.value);
    } finally {
      reached.value.close();
    }
  }

  async #logInHashed(
    login: LoginConnection,
    account: NameAndPassword,
  ): Promise<Outcome<LoggedIn, LogInRefusal>> {
    const offer = await askForSalt(login, account);
    if (!offer.ok) return offer;
    const keys = await this.#credentials.keys(account.password, offer.value);
    const nonce = (this.#options.drawNonce ?? drawNonce)();
    const { serverSignature, ...proof } = await prove(keys, account.name, offer.value, nonce);
    const answer = await login.ask({ type: "login.prove", name: account.name, ...proof });
    if (!answer.ok) return answer;
    const { serverSignature: shown, ...loggedIn } = answer.value;
    return sameBytes(shown, serverSignature) ? accepted(loggedIn) : refused("server-not-genuine");
  }

  #at(door: DoorName): ConnectionOptions {
    const { onConnectionEnd, onUnreachable } = this.#options;
    return {
      ...this.#connection,
      onEnd: (end) => onConnectionEnd?.(door, end),
      onUnreachable: (why) => onUnreachable?.(door, why),
    };
  }
}

async function askForSalt(
  login: LoginConnection,
  { name, password }: NameAndPassword,
): Promise<Outcome<SaltOffer, Exclude<PrepareRefusal, "unreachable">>> {
  // No account has an empty password, and argon2id accepts none.
  if (password === "") return refused("wrong-name-or-password");
  const offer = await login.ask({ type: "login.salt", name });
  if (!offer.ok) return offer;
  return isCostAcceptable(offer.value) ? offer : refused("server-not-genuine");
}

/** Throws if a text is longer than the protocol allows. */
function introductionOf({ program, deviceId, secondLogin }: ClientOptions): Introduction {
  const said: Introduction = {
    ...plainIntroduction,
    program: program?.name ?? "",
    programVersion: program?.version ?? "",
    deviceId: deviceId ?? null,
    secondLogin: secondLogin ?? null,
  };
  return parseValues(hello.fields, packValues(hello.fields, said), "client.hello");
}

export const createClient = (options: ClientOptions): Client => new Client(options);

/** Needs no request: the list of worlds came with the login. */
export const leastCrowded = (worlds: readonly World[]): World | undefined =>
  worlds.reduce<World | undefined>(
    (least, world) => (least === undefined || world.players < least.players ? world : least),
    undefined,
  );
