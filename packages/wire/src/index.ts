export * from "./describe.ts";
export * from "./entries.ts";
export * from "./field.ts";
export * from "./frame.ts";
export * from "./message-codec.ts";
export { forbiddenKeys } from "./message-pack.ts";
export * from "./message-table.ts";
export * from "./value.ts";
export * from "./wire-error.ts";
