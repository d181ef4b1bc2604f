export * from "./a-series-dialect.ts";
export { readAuthenticationId } from "./authentication-id.ts";
