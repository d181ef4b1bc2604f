export { type AccountAdmin, createAccountAdmin } from "./account-admin.ts";
export {
  type AccountLookup,
  type BannedAccount,
  createAccountLookup,
  type FoundAccount,
  type FoundCharacter,
} from "./account-lookup.ts";
export type { AccountOrder, AccountOrders } from "./account-orders.ts";
export {
  type AccountStore,
  createAccountStore,
  type RaisedAccountFence,
} from "./account-store.ts";
export type { Changes } from "./changes.ts";
export {
  type CharacterSave,
  type CharacterStore,
  createCharacterStore,
  type ListedCharacter,
  type NamedCharacter,
  type NumberedState,
  type SaveRefusal,
} from "./character-store.ts";
export { clusterSecret } from "./cluster-secret.ts";
export { type Database, type DatabaseOptions, openDatabase, type Statement } from "./database.ts";
export { createInvitationStore, type Invitation, type InvitationStore } from "./invitation-store.ts";
export { noteLockSpace } from "./lock-spaces.ts";
export { createMailTokenStore } from "./mail-token-store.ts";
export { createMapHostStore, type MapHostStore } from "./map-host-store.ts";
export { createMemoryStores, type MemoryStores, type MemoryStoresOptions } from "./memory-stores.ts";
export { type Migrations, migrate } from "./migrate.ts";
export {
  type CharacterName,
  type CharacterNameKind,
  type CharacterNames,
  characterNameKinds,
  characterNames,
} from "./names/character-names.ts";
export { createNetworkBans, type MadeNetworkBan, type NetworkBans } from "./network-bans.ts";
export { createNonceStore } from "./nonce-store.ts";
export { isNotThereYet } from "./not-there-yet.ts";
export { oneAtATime } from "./one-at-a-time.ts";
export { postgresHosts } from "./postgres-address.ts";
export { readOnlyState, sqlStatesOf } from "./postgres-errors.ts";
export {
  createScoreOutbox,
  type OutboxScore,
  outboxDays,
  type ScoreOutbox,
  type ScoreSubmission,
} from "./score-outbox.ts";
export {
  createTokenStore,
  type StoredTokenKey,
  type TokenHolder,
  type TokenRevocation,
  type TokenStore,
} from "./token-store.ts";
export {
  createMemoryTrail,
  type LoginSeen,
  noTrail,
  type Origin,
  type Trail,
  type TrailEntry,
} from "./trail.ts";
export {
  createTrailStore,
  type LoginRow,
  type TrailAsked,
  type TrailPage,
  type TrailRow,
  type TrailStore,
} from "./trail-store.ts";
export { TrailWriter, type TrailWriterOptions } from "./trail-writer.ts";
export {
  createWorldStateStore,
  type StoredWorldState,
  type WorldStateChange,
  type WorldStateStore,
} from "./world-state-store.ts";
export { createWriteProof } from "./write-proof.ts";
