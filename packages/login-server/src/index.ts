export type { ClientVersions } from "./client-versions.ts";
export * from "./login-server.ts";
export * from "./settings.ts";
export { tokenSettings, usualTokenPorts } from "./tokens/settings.ts";
export type { PublishedTokens, TokenIssuerDeps } from "./tokens/token-issuer.ts";
