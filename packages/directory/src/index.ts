export {
  overTls,
  type Presence,
  type ServerKind,
  type ServerStatus,
  serverKinds,
} from "@sallyport/cluster-protocol";
export * from "./directory.ts";
export * from "./memory-directory.ts";
export * from "./publisher.ts";
export * from "./redis-directory.ts";
