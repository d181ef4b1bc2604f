/* The keys of locks in the lock store: the kind, a colon, and the account's id or the server's name. */

export const lockKinds = ["account", "character", "server"] as const;
export type LockKind = (typeof lockKinds)[number];

/** All keys of one kind begin with this. */
export const lockKeyPrefix = (kind: LockKind): string => `${kind}:`;

export const accountLockKey = (accountId: number): string => `${lockKeyPrefix("account")}${accountId}`;
export const characterLockKey = (accountId: number): string => `${lockKeyPrefix("character")}${accountId}`;
export const serverLockKey = (server: string): string => `${lockKeyPrefix("server")}${server}`;

/** A `LockKind`, unless another program or a newer version wrote the key. */
export const lockKindOf = (key: string): string => key.slice(0, key.indexOf(":"));
/** The id of the account, or the name of the server. */
export const lockIdOf = (key: string): string => key.slice(key.indexOf(":") + 1);
