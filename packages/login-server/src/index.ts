export * from "./login-server.ts";
export * from "./settings.ts";
