export { type AuthenticationSettings, defaultAuthenticationSettings } from "./authentication.ts";
export * from "./login-server.ts";
export * from "./settings.ts";
