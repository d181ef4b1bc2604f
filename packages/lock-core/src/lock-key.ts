/* Lock keys in the store have the form `kind:id`. The id is the account's id or the server's name. */

export const lockKinds = ["account", "character", "server"] as const;
export type LockKind = (typeof lockKinds)[number];

export const lockKeyPrefix = (kind: LockKind): string => `${kind}:`;

export const accountLockKey = (accountId: number): string => `${lockKeyPrefix("account")}${accountId}`;
export const characterLockKey = (accountId: number): string => `${lockKeyPrefix("character")}${accountId}`;
export const serverLockKey = (server: string): string => `${lockKeyPrefix("server")}${server}`;

/** Returns a `LockKind`, unless another program or a newer version wrote the key. */
export const lockKindOf = (key: string): string => key.slice(0, key.indexOf(":"));
export const lockIdOf = (key: string): string => key.slice(key.indexOf(":") + 1);
