export * from "./messages.ts";
export * from "./native-dialect.ts";
