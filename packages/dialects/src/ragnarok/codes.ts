import type {
  CharDoor,
  CommandName,
  CommonRefusal,
  DoorVocabulary,
  KickReason,
  LoginDoor,
  MapDoor,
} from "@sallyport/domain";

/**
 * The codes that Ragnarok clients get for each refusal and each reason. Clients understand the codes of
 * SC_NOTIFY_BAN as follows: 1 the server is closed, 2 another client logged in, 3 client and server are out
 * of sync, 4 too many clients, 8 the server still knows the last connection.
 */

type RefusalsAt<D extends DoorVocabulary, N extends CommandName<D>> =
  | D["commands"][N]["refusals"]
  | CommonRefusal;

export type LoginCode =
  | { readonly packet: "SC_NOTIFY_BAN"; readonly code: number }
  /**
   * Codes: 1 wrong password, 3 rejected, 4 banned, 5 wrong version, 6 banned until a time, 10 e-mail address
   * not confirmed.
   */
  | { readonly packet: "AC_REFUSE_LOGIN"; readonly code: number };
type CharCode = { readonly packet: "SC_NOTIFY_BAN" | "HC_REFUSE_ENTER"; readonly code: number };
type MapCode = { readonly packet: "SC_NOTIFY_BAN" | "ZC_REFUSE_ENTER"; readonly code: number };

const ban = <const C extends number>(code: C) => ({ packet: "SC_NOTIFY_BAN", code }) as const;
const refuse = <const C extends number>(code: C) => ({ packet: "AC_REFUSE_LOGIN", code }) as const;
const refuseEnter = { packet: "HC_REFUSE_ENTER", code: 0 } as const;

export const kickCodes: { readonly [R in KickReason]: number } = {
  "logged-in-elsewhere": 2,
  "second-choice": 3,
  "lock-lost": 3,
  "server-stopping": 1,
  "cluster-link-lost": 1,
  "timed-out": 3,
  "save-failed": 3,
  banned: 15,
  kicked: 15,
  "credential-changed": 2,
};

const commonCodes = { unavailable: ban(4), busy: ban(4), "out-of-order": ban(3) } as const;

/**
 * Used for a login that can never succeed, because the client needs something that this server does not
 * offer.
 */
export const rejected = refuse(3);
export const bannedUntil = refuse(6);

export const loginCodes: { readonly [R in RefusalsAt<LoginDoor, "login.password">]: LoginCode } = {
  "wrong-name-or-password": refuse(1),
  banned: refuse(4),
  "already-online": ban(8),
  overtaken: ban(2),
  "no-world": ban(1),
  "too-many-attempts": ban(4),
  "email-unconfirmed": refuse(10),
  "version-unsupported": refuse(5),
  "address-banned": refuse(4),
  "device-banned": refuse(4),
  ...commonCodes,
};

/** Null means that the name or e-mail address already exists. The server then continues with a login to that account. */
export const registerCodes: { readonly [R in RefusalsAt<LoginDoor, "login.register">]: LoginCode | null } = {
  "name-taken": null,
  "name-invalid": rejected,
  "password-invalid": rejected,
  "registration-closed": rejected,
  "email-invalid": rejected,
  "email-taken": null,
  "invitation-invalid": rejected,
  "too-many-attempts": ban(4),
  "too-many-accounts": rejected,
  "version-unsupported": refuse(5),
  "address-banned": refuse(4),
  "device-banned": refuse(4),
  ...commonCodes,
};

export const charEnterCodes: { readonly [R in RefusalsAt<CharDoor, "char.enter">]: CharCode } = {
  "not-logged-in": refuseEnter,
  "already-online": ban(8),
  ...commonCodes,
};

export const chooseCodes: { readonly [R in RefusalsAt<CharDoor, "char.choose">]: CharCode } = {
  "no-such-character": refuseEnter,
  "map-unavailable": ban(1),
  "state-invalid": refuseEnter,
  ...commonCodes,
};

/** Codes: 0 the name is taken, 0xff denied. */
export const createCodes: { readonly [R in RefusalsAt<CharDoor, "char.create">]: number } = {
  "name-taken": 0,
  "name-invalid": 0xff,
  "slot-invalid": 0xff,
  "slot-taken": 0xff,
  "map-unavailable": 0xff,
  unavailable: 0xff,
  busy: 0xff,
  "out-of-order": 0xff,
};

/** Codes: 1 deleted, 3 not deleted, 4 not reserved or too early, 5 wrong birth date. */
export const deleteCodes: { readonly [R in RefusalsAt<CharDoor, "char.delete">]: number } = {
  "not-yet": 4,
  "no-such-character": 3,
  unavailable: 3,
  busy: 3,
  "out-of-order": 3,
};

export const mapEnterCodes: { readonly [R in RefusalsAt<MapDoor, "map.enter">]: MapCode } = {
  "not-expected": { packet: "ZC_REFUSE_ENTER", code: 1 },
  ...commonCodes,
};

/** Codes of ZC_ACK_GIVE_MANNER_POINT. */
export const mutedCodes = { done: 0, isMuted: 3 } as const;

/** Codes: 1 too dear, 2 too heavy, 6 not offered. */
export const purchaseCodes: { readonly [R in RefusalsAt<MapDoor, "shop.buy">]: number } = {
  "too-dear": 1,
  "no-room": 2,
  "no-shop": 6,
  failed: 6,
  unavailable: 6,
  busy: 6,
  "out-of-order": 6,
};

/** Codes: 2 too heavy, 6 not picked up. */
export const takeCodes: { readonly [R in RefusalsAt<MapDoor, "map.take">]: number } = {
  "no-room": 2,
  "too-far": 6,
  "no-such-actor": 6,
  failed: 6,
  unavailable: 6,
  busy: 6,
  "out-of-order": 6,
};
