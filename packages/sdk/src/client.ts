import { type Clock, systemClock } from "@sallyport/clock";
import type { Introduction, SecondLogin } from "@sallyport/dialects";
import { readAuthenticationId } from "@sallyport/dialects/a-series";
import { hello, plainIntroduction } from "@sallyport/dialects/native";
import {
  type AccountId,
  accepted,
  type IdentityToken,
  type LoginDoor,
  type LoginTicket,
  type Outcome,
  refused,
  type SaltOffer,
  type Sex,
} from "@sallyport/domain";
import type { Messages } from "@sallyport/game-core/messages";
import { packValues, parseValues } from "@sallyport/wire";
import { unlessBanned } from "./bans.ts";
import {
  type Bounds,
  type Connect,
  type ConnectionEnd,
  type ConnectionOptions,
  type DoorAddress,
  type DoorName,
  defaultBounds,
} from "./connection.ts";
import { drawNonce, isCostAcceptable, prove, sameBytes } from "./credential.ts";
import { Credentials } from "./credentials.ts";
import { CharConnection, LoginConnection, MapConnection } from "./doors.ts";
import type { ReaderOptions } from "./event-reader.ts";
import { CharacterSelect, Game } from "./game.ts";
import type { GameTypes, UnknownGame } from "./game-shape.ts";
import type { EnterMap, EnterMapRefusal, EnterWorldRefusal, HandedOver } from "./next-door.ts";
import type { RefusalFor } from "./refusals.ts";
import type { LoggedIn, World } from "./told.ts";

/*
 * A client uses one connection at a time: to the login-server, then to a char-server, then to a map-server.
 * No call throws because of a server or the network. Each call ends within a time limit, with a value or a
 * refusal.
 */

export interface ClientOptions<T extends GameTypes = UnknownGame> extends ReaderOptions {
  /** The messages of the game: see `defineMessages`. They type and validate what `Game` sends and hears. */
  readonly messages?: T["messages"];
  /**
   * Opens connections. `transportTo` from `@sallyport/sdk/browser` or `@sallyport/sdk/node` returns this and
   * `login`.
   */
  readonly connect: Connect;
  /** The address of the login-server. The servers tell the client all other addresses. */
  readonly login: DoorAddress;
  readonly clock?: Clock;
  /** Returns milliseconds since 1970, for the end of a ban. The default is `Date.now`. */
  readonly wallMs?: () => number;
  readonly bounds?: Partial<Bounds>;
  /** Returns 32 bytes from a secure random source. Only tests need to replace it. */
  readonly drawNonce?: () => Uint8Array;
  /**
   * Login keys of earlier logins. Give several clients the same object, so that only the first hashed login
   * of an account is slow. A page gives an object that calls `deriveLoginKeys` in a worker.
   */
  readonly credentials?: Pick<Credentials, "keys">;
  /**
   * The protocol of the player's program, if this program only translates for it. At most 24 characters. The
   * default is `native`.
   */
  readonly dialect?: string;
  /** The name and version of your program, which servers log. At most 32 characters each. */
  readonly program?: { readonly name: string; readonly version: string };
  /** An id of the machine, at most 64 characters. It must be the same at each login from that machine. */
  readonly deviceId?: string;
  /** What to do if the account is in use at a login. A server with a fixed policy ignores this. */
  readonly secondLogin?: SecondLogin;
  /** Called when a connection ends. Calls that were waiting on the connection return after this callback. */
  readonly onConnectionEnd?: (door: DoorName, end: ConnectionEnd) => void;
  /** Called when a server was `unreachable`. `why` is a description for the log. */
  readonly onUnreachable?: (door: DoorName, why: string) => void;
}

export interface NameAndPassword {
  /** The name of the account, or its e-mail address. */
  readonly name: string;
  readonly password: string;
}
/**
 * How the client proves that it knows the password. `hashed` never sends the password, and checks that the
 * server knows the account too. `raw` sends the password. An e-mail address logs in by `raw` only: equal
 * salts would show everybody which name belongs to which address.
 */
export type PasswordWay = "hashed" | "raw";

/** A new account has a name, an e-mail address, or both. */
export interface NewAccount {
  readonly name?: string;
  readonly email?: string;
  readonly password: string;
  readonly sex: Sex;
  /** A code, for a server where registration is by invitation. */
  readonly invitation?: string;
}

export interface PasswordChange {
  readonly newPassword: string;
  /** A client that is logged in to the account has to leave. The default is false. */
  readonly endOthers?: boolean;
}

/** The login-server was not reached, or a ban that came meanwhile put the client out. */
type NotLetIn = "unreachable" | "banned";
export type ChangePasswordRefusal = RefusalFor<LoginDoor, "login.password.change"> | NotLetIn;
export type AskResetRefusal = RefusalFor<LoginDoor, "login.password.reset.ask"> | NotLetIn;
export type ResetPasswordRefusal = RefusalFor<LoginDoor, "login.password.reset"> | NotLetIn;
export type ConfirmEmailRefusal = RefusalFor<LoginDoor, "login.email.confirm"> | NotLetIn;
export type IdentityTokenRefusal = RefusalFor<LoginDoor, "login.token"> | NotLetIn;
export type RegisterRefusal = RefusalFor<LoginDoor, "login.register"> | NotLetIn;
export type PrepareRefusal =
  | RefusalFor<LoginDoor, "login.salt">
  | NotLetIn
  | "server-not-genuine"
  | "wrong-name-or-password";
export type LogInRefusal =
  | RefusalFor<LoginDoor, "login.salt" | "login.prove" | "login.password">
  | NotLetIn
  | "server-not-genuine";

/**
 * One player's client. Call `logIn` (for a new account, first `register`), then `enterWorld`, and continue
 * with the value of `enterWorld`.
 */
export class Client<T extends GameTypes = UnknownGame> {
  readonly #options: ClientOptions<T>;
  readonly #connection: ConnectionOptions;
  readonly #credentials: Pick<Credentials, "keys">;
  #ticket: LoginTicket | null = null;

  constructor(options: ClientOptions<T>) {
    this.#options = options;
    const { connect, clock = systemClock, bounds } = options;
    const introduction = introductionOf(options);
    this.#connection = { connect, clock, bounds: { ...defaultBounds, ...bounds }, introduction };
    this.#credentials = options.credentials ?? new Credentials();
  }

  /**
   * The ids of the last login. The next login of the account makes them invalid. Null before the first login.
   */
  get ticket(): LoginTicket | null {
    return this.#ticket;
  }

  /** The clock of `ClientOptions`, or the system's clock. */
  get clock(): Clock {
    return this.#connection.clock;
  }

  /** Returns milliseconds since 1970. */
  wallMs(): number {
    return (this.#options.wallMs ?? Date.now)();
  }

  /** Creates an account. It does not log in. */
  register(account: NewAccount): Promise<Outcome<{ accountId: AccountId }, RegisterRefusal>> {
    const { name = "", email = null, password, sex, invitation = null } = account;
    return this.#atLogin((login) =>
      login.ask({ type: "login.register", name, password, sex, email, invitation }),
    );
  }

  /** Shows the code from the letter that a server sends after `register`, if addresses must be confirmed. */
  confirmEmail(code: string): Promise<Outcome<Record<never, never>, ConfirmEmailRefusal>> {
    return this.#atLogin((login) => login.ask({ type: "login.email.confirm", code }));
  }

  /** Sets a new password. Sends both passwords. */
  changePassword(
    account: NameAndPassword & PasswordChange,
  ): Promise<Outcome<Record<never, never>, ChangePasswordRefusal>> {
    const { name, password: oldPassword, newPassword, endOthers = false } = account;
    return this.#atLogin((login) =>
      login.ask({ type: "login.password.change", name, oldPassword, newPassword, endOthers }),
    );
  }

  /**
   * Asks for a letter with a code for `resetPassword`. The answer is the same whether the address belongs to
   * an account or not.
   */
  askPasswordReset(email: string): Promise<Outcome<Record<never, never>, AskResetRefusal>> {
    return this.#atLogin((login) => login.ask({ type: "login.password.reset.ask", email }));
  }

  /** Sets a new password with the code from a letter. */
  resetPassword(
    change: PasswordChange & { readonly code: string },
  ): Promise<Outcome<Record<never, never>, ResetPasswordRefusal>> {
    const { code, newPassword, endOthers = false } = change;
    return this.#atLogin((login) =>
      login.ask({ type: "login.password.reset", code, newPassword, endOthers }),
    );
  }

  /** Does the slow part of the next hashed login in advance. Useless for an e-mail address. */
  prepareLogIn(account: NameAndPassword): Promise<Outcome<SaltOffer, PrepareRefusal>> {
    return this.#atLogin(async (login) => {
      const offer = await askForSalt(login, account);
      if (offer.ok) await this.#credentials.keys(account.password, offer.value);
      return offer;
    });
  }

  /** Logs in. The value has the worlds: pass one of them to `enterWorld`. The default `way` is `hashed` for a name. */
  async logIn(
    account: NameAndPassword & {
      readonly way?: PasswordWay;
      /** With `raw`, for protocols that tell whether a name exists: see `login.password.telling`. */
      readonly saysUnknown?: boolean;
    },
  ): Promise<Outcome<LoggedIn, LogInRefusal>> {
    const { name, password, saysUnknown = false } = account;
    const { way = name.includes("@") ? "raw" : "hashed" } = account;
    const answer = await this.#atLogin<LoggedIn, LogInRefusal>((login) =>
      way === "raw"
        ? login.ask({ type: saysUnknown ? "login.password.telling" : "login.password", name, password })
        : this.#logInHashed(login, { name, password }),
    );
    if (!answer.ok) return answer;
    const { accountId, loginId1, loginId2, sex } = answer.value;
    this.#ticket = { accountId, loginId1, loginId2, sex };
    return answer;
  }

  /**
   * Asks for an identity token, with which the player shows other servers which account it has, at any time
   * after `logIn`. `audience` is the kind of server; null is the first one of the login-server's settings.
   * Refused as `not-logged-in` if another client has the account by now.
   */
  async identityToken(audience: string | null = null): Promise<Outcome<IdentityToken, IdentityTokenRefusal>> {
    const ticket = this.#ticket;
    if (ticket === null) return refused("not-logged-in");
    return this.#atLogin((login) => login.ask({ type: "login.token", ...ticket, audience }));
  }

  /** Connects to the char-server of a world, and proves the login there with the login ids. */
  async enterWorld(world: DoorAddress): Promise<Outcome<CharacterSelect<T>, EnterWorldRefusal>> {
    if (this.#ticket === null) return refused("not-logged-in");
    const reached = await CharConnection.reach(world, this.#at("char"));
    if (!reached.ok) return reached;
    const char = reached.value;
    const asked = await char.ask({ type: "char.enter", ...this.#ticket });
    const entered = unlessBanned(asked, char.kick, this.wallMs());
    if (entered.ok) return accepted(new CharacterSelect(this, char, world, entered.value));
    char.close();
    return entered;
  }

  /**
   * Continues a login that another program did at the A-series port. `authenticationId` are the 16 bytes that it
   * got there; they do not name a world. Refused as `not-logged-in` if a newer login replaced that login.
   */
  async resume(
    authenticationId: Uint8Array,
    world: DoorAddress,
  ): Promise<Outcome<CharacterSelect<T>, EnterWorldRefusal>> {
    this.#ticket = readAuthenticationId(authenticationId);
    return this.enterWorld(world);
  }

  /** Enters the map after `CharacterSelect.handOver`. `CharacterSelect.choose` calls both. */
  async enterMap(handedOver: HandedOver): Promise<Outcome<Game<T>, EnterMapRefusal>> {
    if (this.#ticket === null) return refused("not-expected");
    const enter = this.#enterMapAs(this.#ticket);
    const entered = await enter(handedOver, handedOver.charId);
    if (!entered.ok) return entered;
    const { messages, onUnreadable } = this.#options;
    const reading = { ...(messages && { messages }), ...(onUnreadable && { onUnreadable }) };
    const options = { next: this, world: handedOver.world, enter, ...reading };
    return accepted(new Game<T>(options, entered.value));
  }

  /**
   * Returns a function that enters maps with the ids of this login, even if the client logs in again later.
   */
  #enterMapAs({ accountId, loginId1, sex }: LoginTicket): EnterMap {
    return async (address, charId) => {
      const reached = await MapConnection.reach(address, this.#at("map"));
      if (!reached.ok) return reached;
      const connection = reached.value;
      const asked = await connection.ask({ type: "map.enter", accountId, charId, loginId1, sex });
      const entered = unlessBanned(asked, connection.kick, this.wallMs());
      if (entered.ok) return accepted({ connection, place: entered.value });
      connection.close();
      return entered;
    };
  }

  async #atLogin<Value, Code extends string>(
    say: (login: LoginConnection) => Promise<Outcome<Value, Code>>,
  ): Promise<Outcome<Value, Code | NotLetIn>> {
    const reached = await LoginConnection.reach(this.#options.login, this.#at("login"));
    if (!reached.ok) return reached;
    const login = reached.value;
    try {
      const answer = await say(login);
      return unlessBanned(answer, login.kick, this.wallMs());
    } finally {
      login.close();
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
): Promise<Outcome<SaltOffer, Exclude<PrepareRefusal, NotLetIn>>> {
  // argon2id accepts no empty password, and no account has one.
  if (password === "") return refused("wrong-name-or-password");
  const offer = await login.ask({ type: "login.salt", name });
  if (!offer.ok) return offer;
  return isCostAcceptable(offer.value) ? offer : refused("server-not-genuine");
}

/** Throws `WireError` if a text is longer than the protocol allows. */
function introductionOf({
  dialect = plainIntroduction.dialect,
  program,
  deviceId,
  secondLogin,
}: Pick<ClientOptions, "dialect" | "program" | "deviceId" | "secondLogin">): Introduction {
  const said: Introduction = {
    ...plainIntroduction,
    dialect,
    program: program?.name ?? "",
    programVersion: program?.version ?? "",
    deviceId: deviceId ?? null,
    secondLogin: secondLogin ?? null,
  };
  return parseValues(hello.fields, packValues(hello.fields, said), "client.hello");
}

/**
 * Creates a client. It connects when you call `register` or `logIn`. Throws `WireError` if a text in the
 * options is too long.
 */
export function createClient<const M extends Messages>(
  options: Omit<ClientOptions, "messages"> & { readonly messages: M },
): Client<GameOf<M>>;
/** With `T`, also the values that the game shows of characters have types. */
export function createClient<T extends GameTypes = UnknownGame>(options: ClientOptions<T>): Client<T>;
export function createClient<T extends GameTypes>(options: ClientOptions<T>): Client<T> {
  return new Client(options);
}

/** A game of which the client has only the messages. */
interface GameOf<M extends Messages> extends UnknownGame {
  readonly messages: M;
}

/** Returns the world with the fewest players. Undefined if the list is empty. */
export const leastCrowded = (worlds: readonly World[]): World | undefined =>
  worlds.reduce<World | undefined>(
    (least, world) => (least === undefined || world.players < least.players ? world : least),
    undefined,
  );
