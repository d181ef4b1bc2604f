export * from "../schema/standard-schema.ts";
export { GameError } from "../schema/validate.ts";
export * from "./bodies.ts";
export * from "./messages.ts";
export * from "./shown.ts";
