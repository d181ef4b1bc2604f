export * from "./clock.ts";
export * from "./retry.ts";
