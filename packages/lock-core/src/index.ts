export * from "./account-lock.ts";
export {
  type CharacterCommand,
  type CharacterEffect,
  type CharacterLock,
  type CharacterRefusal,
  characterLockKey,
} from "./character-lock.ts";
export * from "./character-lock-table.ts";
export * from "./diagram.ts";
export * from "./machine.ts";
export * from "./reassertion.ts";
export * from "./server-lock.ts";
export * from "./stored-lock.ts";
export * from "./timing.ts";
