export type { ClientVersions } from "./client-versions.ts";
export * from "./login-server.ts";
export * from "./settings.ts";
