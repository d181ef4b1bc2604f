export * from "./hello.ts";
export * from "./login-messages.ts";
export * from "./messages.ts";
export * from "./native-dialect.ts";
