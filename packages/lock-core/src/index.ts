export * from "./account-lock.ts";
export type { CharacterCommand, CharacterEffect, CharacterLock, CharacterRefusal } from "./character-lock.ts";
export * from "./character-lock-table.ts";
export * from "./diagram.ts";
export * from "./lock-cores.ts";
export * from "./lock-key.ts";
export * from "./machine.ts";
export * from "./owners/account-logins.ts";
export * from "./owners/account-owner.ts";
export * from "./owners/account-owner-table.ts";
export type {
  CharacterLine,
  CharacterOwner,
  CharacterOwnerEffect,
  CharacterOwnerEvent,
  CharacterOwnerRefusal,
  Departure,
} from "./owners/character-owner.ts";
export * from "./owners/character-owner-table.ts";
export * from "./owners/link-hold.ts";
export type {
  LinkEffect,
  LinkEvent,
  LinkLine,
  LinkRefusal,
  ServerLinkState,
  StopHow,
} from "./owners/server-link.ts";
export * from "./owners/server-link-table.ts";
export * from "./reassertion.ts";
export * from "./server-lock.ts";
export * from "./stored-lock.ts";
export * from "./timing.ts";
