export * from "./hello.ts";
export * from "./messages.ts";
export * from "./native-dialect.ts";
