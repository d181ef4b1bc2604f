import type { Authentication, Credential } from "@sallyport/authentication";
import type {
  AccountOperations,
  CharacterChanges,
  MapServerStatus,
  PlayerOrders,
} from "@sallyport/char-server";
import type {
  AccountAdmin,
  AccountLookup,
  AccountStore,
  InvitationStore,
  NetworkBans,
  TrailStore,
} from "@sallyport/database";
import {
  type AccountId,
  type Fence,
  type Kick,
  type Outcome,
  type Role,
  refusedWith,
} from "@sallyport/domain";
import type { LimitReadings } from "../limit-text.ts";
import type { OperatorView } from "../view.ts";
import type { Fields, FieldValues } from "./fields.ts";

/** What operators can ask of the char-server in this process. */
export interface WorldOrders {
  /**
   * Begins to drain a map-server. Resolves to null if no map-server with this name is linked or expected
   * back.
   */
  drain(server: string): Promise<MapServerStatus | null>;
  statusOf(server: string): MapServerStatus | null;
  /** Name of the world. */
  readonly name: string;
  readonly changes: Pick<CharacterChanges, "delete" | "move" | "rename">;
  readonly operations: Pick<AccountOperations, "change">;
  readonly playerOrders: Pick<PlayerOrders, "announce">;
}

/** What operators can ask of the login-server in this process. */
export interface LoginOrders {
  /** Makes the client of the account leave, once it is saved. Refused with `not-held` if nobody has it. */
  putOut(accountId: AccountId, kick: Kick): Promise<Outcome<object, string>>;
  /**
   * Ends the logins of the account up to this fence. If a store does not answer, they end a little later.
   */
  endLogins(accountId: AccountId, upTo: Fence): Promise<void>;
  /** Accounts with an e-mail address cannot log in before it is confirmed. */
  readonly isConfirmationRequired: boolean;
}

/** The requests read and change with these. */
export interface Services {
  readonly view: OperatorView;
  /** Null: no char-server runs in this process. */
  readonly world: WorldOrders | null;
  /** Null: no login-server runs in this process. */
  readonly login: LoginOrders | null;
  readonly lookup: Pick<AccountLookup, "attributes" | "banned" | "find">;
  readonly accounts: Pick<AccountStore, "setBan" | "setMute" | "setRole">;
  readonly accountAdmin: Pick<AccountAdmin, "delete" | "export" | "setEmail" | "setPassword">;
  readonly invitations: InvitationStore;
  readonly limits: LimitReadings;
  readonly networkBans: Pick<NetworkBans, "add" | "lift" | "list">;
  /** Tells all servers that an order was stored. They would find it within a second anyway. */
  readonly orderGiven: () => void;
  readonly register: Authentication["register"];
  readonly createCredential: (password: string) => Promise<Outcome<Credential, "busy">>;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly trail: Pick<TrailStore, "counts" | "logins" | "read">;
}

/** Who sends a request. */
export interface Caller {
  /** The name of an account, or `token`. */
  readonly name: string;
  readonly role: Role;
  readonly address: string;
}

export type Answered<Answer> = Promise<Outcome<Answer, string>>;

/**
 * One request to the admin port. Its route, its checks, its command and its entry on the reference page come
 * from here.
 */
export interface AdminRequest<F extends Fields = Fields, Answer extends object = object> {
  /** The words of the command, which are also the name in the trail. */
  readonly command: string;
  /** POST changes something, needs a nonce, and gets a row in the trail. */
  readonly method: "GET" | "POST";
  /** Like `/map-servers/:server`. Fields that the path does not name are in the query or in the body. */
  readonly path: string;
  /** The least role that may ask. The token may ask everything. */
  readonly role: Exclude<Role, "player">;
  readonly doc: string;
  readonly fields: F;
  /** The command takes these fields as arguments, in this order, and all others as options. */
  readonly args: readonly (keyof F & string)[];
  /** The command asks this question first, because what the request destroys cannot be brought back. */
  readonly confirm?: string;
  answer(services: Services, values: FieldValues<F>, caller: Caller): Answered<Answer>;
  /** The answer as text for people. `nowMs` is in milliseconds since 1970. */
  text(answer: Answer, nowMs: number): string;
}

/** A request about any fields. The admin port checks the fields before it calls `answer`. */
export type AnyRequest = Omit<AdminRequest, "answer" | "args" | "text"> & {
  readonly args: readonly string[];
  answer(services: Services, values: never, caller: Caller): Answered<object>;
  text(answer: never, nowMs: number): string;
};

/** Lets the compiler infer the fields and the answer of a row. */
export const request = <const F extends Fields, Answer extends object>(
  row: AdminRequest<F, Answer>,
): AdminRequest<F, Answer> => row;

/** Gamemasters change nothing about each other, or about administrators. */
export const mayChange = (caller: Caller, account: { readonly role: Role }): boolean =>
  caller.role === "administrator" || account.role === "player";

export const notAboutRoles = () =>
  refusedWith("not-allowed", "only an administrator may do this to an account with a role");

/** The answer of a process without a char-server. */
export const noWorld = () =>
  refusedWith("not-here", "no char-server runs in this process: ask the admin port of one");

/** The answer of a process without a login-server. */
export const noLogin = () =>
  refusedWith("not-here", "no login-server runs in this process: ask the admin port of one");
