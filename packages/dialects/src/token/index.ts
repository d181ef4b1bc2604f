export * from "./token-dialect.ts";
